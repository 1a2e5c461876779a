"""How the coefficients of a line follow from its data, written out: symbols first, then the numbers of the fit.

Source: G. James, D. Witten, T. Hastie, R. Tibshirani, "An Introduction to Statistical Learning", sections 3.1 and 3.2.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slopewise.basics.line_fit import LineFit
from slopewise.basics.shown_numbers import is_exact, shown

__all__ = ["Derivation", "DerivationStep", "derive"]

Array = NDArray[np.float64]

# Larger systems of normal equations are given in matrix form only.
_LARGEST_SYSTEM = 5


@dataclass(frozen=True, slots=True)
class DerivationStep:
    """One step: a sentence, and its formulas as `(text, LaTeX)`."""

    title: str
    formulas: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """The whole way from the residual sum of squares to the coefficients; print it, or show it in a notebook.

    Attributes:
        steps: Its steps in order: `symbols` of them, then numbers.
        symbols: How many steps are in symbols.
        result: The fitted line, as `(text, LaTeX)`.
    """

    steps: tuple[DerivationStep, ...]
    symbols: int
    result: tuple[str, str]

    @property
    def text(self) -> str:
        """The derivation as plain text with Unicode symbols."""
        lines: list[str] = []
        for number, step in enumerate(self.steps, 1):
            lines += [f"{number}. {step.title}", *(f"     {formula}" for formula, _ in step.formulas), ""]
        return "\n".join([*lines, self.result[0]])

    @property
    def latex(self) -> str:
        """The derivation as one LaTeX `aligned` block, for use within `$$ … $$`."""
        rows = []
        for number, step in enumerate(self.steps, 1):
            rows.append(rf"&\textbf{{{number}. {_escaped(step.title)}}}")
            rows += [rf"&\quad {formula}" for _, formula in step.formulas]
        rows.append(rf"&\boxed{{{self.result[1]}}}")
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def __str__(self) -> str:
        return self.text


def derive(fit: LineFit, digits: int) -> Derivation:
    """Write out the derivation of a fit for the columns that are in it."""
    x = fit.data.x[:, list(fit.factors.kept)]
    names = [fit.data.name(j) for j in fit.factors.kept]
    writer = _Writer(
        x, fit.target, [fit.exact.intercept, *fit.exact.coefficients.tolist()], names, fit.fit_intercept, digits
    )
    symbols = writer.symbols()
    return Derivation((*symbols, *writer.numbers()), len(symbols), writer.result())


class _Writer:
    def __init__(
        self, x: Array, y: Array, coefficients: list[float], names: Sequence[str], has_intercept: bool, digits: int
    ) -> None:
        self.x, self.y, self.names, self.digits = x, y, list(names), digits
        self.has_intercept = has_intercept
        self.b = coefficients
        self.simple = x.shape[1] == 1
        self.places = list(range(0 if has_intercept else 1, x.shape[1] + 1))  # 0 is the intercept
        self.residuals = y - coefficients[0] - x @ np.array(coefficients[1:])

    # ------------------------------------------------------------------ symbols

    def symbols(self) -> list[DerivationStep]:
        beta, tex_beta = self._list(_beta), self._list(_tex_beta)
        error, tex_error = self._error()
        tex_rss = r"\partial\,\mathrm{RSS}"
        rss = (f"RSS({beta}) = Σ ({error})²", rf"\mathrm{{RSS}}({tex_beta}) = \sum_i ({tex_error})^2")
        slopes = []
        for j in self.places:
            inner, tex_inner = (f"{self._x(j)} ", f"{self._tex_x(j)}\\,") if j else ("", "")
            slopes.append(
                (
                    f"∂RSS/∂{_beta(j)} = −2 Σ {inner}({error})",
                    rf"\frac{{{tex_rss}}}{{\partial {_tex_beta(j)}}} = -2 \sum_i {tex_inner}({tex_error})",
                )
            )
        steps = [
            DerivationStep(f"The residual sum of squares of {self._model()}", (rss,)),
            DerivationStep("Its partial derivatives, by the chain rule", tuple(slopes)),
            DerivationStep(
                "At the lowest point each of them is 0: the normal equations", tuple(self._normal_equations())
            ),
        ]
        return [*steps, DerivationStep("Solved for the coefficients", tuple(self._solved()))]

    def _normal_equations(self) -> list[tuple[str, str]]:
        rows = []
        for j in self.places:
            left = [f"{_beta(k)} {self._sum(j, k)}" if (j or k) else f"n {_beta(k)}" for k in self.places]
            tex = [f"{_tex_beta(k)} {self._tex_sum(j, k)}" if (j or k) else rf"n {_tex_beta(k)}" for k in self.places]
            right = f"Σ {self._x(j)} yᵢ" if j else "Σ yᵢ"
            tex_right = rf"\sum_i {self._tex_x(j)} y_i" if j else r"\sum_i y_i"
            rows.append((f"{' + '.join(left)} = {right}", f"{' + '.join(tex)} = {tex_right}"))
        return rows

    def _solved(self) -> list[tuple[str, str]]:
        if not self.places[1:] and self.has_intercept:
            return [("β₀ = Σ yᵢ / n = ȳ", r"\beta_0 = \frac{1}{n} \sum_i y_i = \bar y")]
        if self.simple and self.has_intercept:
            return [
                ("the first, divided by n:        β₀ = ȳ − β₁ x̄", r"\beta_0 = \bar y - \beta_1 \bar x"),
                (
                    "that put into the second:       β₁ = Σ (xᵢ − x̄)(yᵢ − ȳ) / Σ (xᵢ − x̄)²",
                    r"\beta_1 = \frac{\sum_i (x_i - \bar x)(y_i - \bar y)}{\sum_i (x_i - \bar x)^2}",
                ),
            ]
        if self.simple:
            return [("β₁ = Σ xᵢ yᵢ / Σ xᵢ²", r"\beta_1 = \frac{\sum_i x_i y_i}{\sum_i x_i^2}")]
        first = "a column of ones, then " if self.has_intercept else ""
        rows = [
            (
                f"with A the table of {first}the predictors:   (AᵀA) β = Aᵀy,   so   β = (AᵀA)⁻¹ Aᵀy",
                r"(A^\top A)\,\beta = A^\top y \;\Rightarrow\; \beta = (A^\top A)^{-1} A^\top y",
            )
        ]
        if self.has_intercept:
            means = " − ".join(["ȳ", *(f"{_beta(j)} x̄{_subscript(j)}" for j in self.places[1:])])
            tex = " - ".join([r"\bar y", *(rf"{_tex_beta(j)} \bar x_{{{j}}}" for j in self.places[1:])])
            rows.append((f"its first row, divided by n:   β₀ = {means}", rf"\beta_0 = {tex}"))
        return rows

    # ------------------------------------------------------------------ numbers

    def numbers(self) -> list[DerivationStep]:
        steps = [DerivationStep(f"The numbers of the {len(self.y)} rows", tuple(self._facts()))]
        if len(self.places) <= _LARGEST_SYSTEM:
            steps.append(DerivationStep("The normal equations with numbers", tuple(self._numeric_system())))
        steps.append(DerivationStep("The coefficients", tuple(self._numeric_solution())))
        steps.append(DerivationStep("Checked: the partial derivatives there, and the least RSS", tuple(self._checks())))
        return steps

    def _facts(self) -> list[tuple[str, str]]:
        rows = []
        for j, name in enumerate(self.names, 1):
            rows.append(
                self._equation(self._bar(j), self._tex_bar(j), self._mean(self.x[:, j - 1]), f"   ({name})", name)
            )
        rows.append(self._equation("ȳ", r"\bar y", self._mean(self.y)))
        return rows

    def _numeric_system(self) -> list[tuple[str, str]]:
        columns = {j: (self.x[:, j - 1] if j else np.ones(len(self.y))) for j in self.places}
        rows = []
        for j in self.places:
            total = [math.fsum((columns[j] * columns[k]).tolist()) for k in self.places]
            right = math.fsum((columns[j] * self.y).tolist())
            exact = all(is_exact(number, self.digits + 2) for number in (*total, right))
            left, tex = "", ""
            for k, share in zip(self.places, total, strict=True):
                text, tex_text = self._wide(abs(share))
                sign = " − " if share < 0 and left else "−" if share < 0 else " + " if left else ""
                left += f"{sign}{text} {_beta(k)}"
                tex += f"{sign.replace('−', '-')}{tex_text}\\,{_tex_beta(k)}"
            text, tex_text = self._wide(right)
            rows.append(
                (f"{left} {'=' if exact else '≈'} {text}", rf"{tex} {'=' if exact else chr(92) + 'approx'} {tex_text}")
            )
        return rows

    def _numeric_solution(self) -> list[tuple[str, str]]:
        if not (self.simple or not self.names):
            return [
                self._equation(_beta(j), _tex_beta(j), self.b[j], self._named(j), self._plain(j)) for j in self.places
            ]
        rows = []
        if self.simple:
            x, y = self.x[:, 0], self.y
            if self.has_intercept:
                x, y = x - self._mean(x), y - self._mean(y)
            above, below = math.fsum((x * y).tolist()), math.fsum((x * x).tolist())
            text, tex = self._equation("", "", self.b[1])
            rows.append(
                (
                    f"β₁ {self._sign(above, below)} {self._number(above)} / {self._number(below)}{text}",
                    rf"\beta_1 {self._tex_sign(above, below)} \frac{{{self._tex(above)}}}{{{self._tex(below)}}}{tex}",
                )
            )
        if self.has_intercept:
            text, tex = self._equation("", "", self.b[0])
            if self.simple:
                x_mean, y_mean = self._mean(self.x[:, 0]), self._mean(self.y)
                parts = (y_mean, self.b[1], x_mean)
                factors = " · ".join(_bracketed(self._number(number)) for number in parts[1:])
                tex_factors = r" \cdot ".join(_bracketed(self._tex(number)) for number in parts[1:])
                tex_sign = self._tex_sign(*parts)
                rows.append(
                    (
                        f"β₀ = ȳ − β₁ x̄ {self._sign(*parts)} {self._number(y_mean)} − {factors}{text}",
                        rf"\beta_0 = \bar y - \beta_1 \bar x {tex_sign} {self._tex(y_mean)} - {tex_factors}{tex}",
                    )
                )
            else:
                rows.append((f"β₀ = ȳ{text}", rf"\beta_0 = \bar y{tex}"))
        return rows

    def _checks(self) -> list[tuple[str, str]]:
        """Compare each derivative with the size of its own terms: what is left is rounding."""
        rows = []
        for j in self.places:
            terms = -2 * self.residuals * (self.x[:, j - 1] if j else 1.0)
            slope, size = math.fsum(terms.tolist()), math.fsum(np.abs(terms).tolist())
            reach = math.fsum(np.abs(2 * self.y * (self.x[:, j - 1] if j else 1.0)).tolist())
            text, tex = shown(slope, 2), _tex_number(shown(slope, 2))
            sign, tex_sign = ("=", "=") if slope == 0 else ("≈", r"\approx")
            beside = "" if slope == 0 else f"   (rounding: its terms add up to {shown(max(size, reach), 2)} in size)"
            rows.append(
                (
                    f"∂RSS/∂{_beta(j)} {sign} {text}{beside}",
                    rf"\frac{{\partial\,\mathrm{{RSS}}}}{{\partial {_tex_beta(j)}}} {tex_sign} {tex}",
                )
            )
        rows.append(self._equation("RSS", r"\mathrm{RSS}", math.fsum((self.residuals**2).tolist())))
        return rows

    def result(self) -> tuple[str, str]:
        exact = all(is_exact(self.b[j], self.digits) for j in self.places)
        text, tex = "", ""
        for j in self.places:
            number = self.b[j]
            size, tex_size = self._number(abs(number)), self._tex(abs(number))
            sign = " − " if number < 0 and text else "−" if number < 0 else " + " if text else ""
            text += sign + size + (f" {self.names[j - 1]}" if j else "")
            tex += sign.replace("−", "-") + tex_size + (rf"\,\mathrm{{{_escaped(self.names[j - 1])}}}" if j else "")
        return f"y {'=' if exact else '≈'} {text}", rf"\hat y {'=' if exact else chr(92) + 'approx'} {tex}"

    # ------------------------------------------------------------------ words and signs

    def _model(self) -> str:
        terms = ["β₀"] if self.has_intercept else []
        terms += [f"{_beta(j)} x{'' if self.simple else _subscript(j)}" for j in self.places if j]
        if self.names == [f"x{j}" for j in range(1, len(self.names) + 1)]:
            return f"y = {' + '.join(terms)}"
        meaning = ", ".join(f"x{'' if self.simple else _subscript(j)} = {name}" for j, name in enumerate(self.names, 1))
        return f"y = {' + '.join(terms)}" + (f"   ({meaning})" if meaning else "")

    def _error(self) -> tuple[str, str]:
        terms = [f"{_beta(j)} {self._x(j)}" if j else "β₀" for j in self.places]
        tex = [f"{_tex_beta(j)} {self._tex_x(j)}" if j else r"\beta_0" for j in self.places]
        return " − ".join(["yᵢ", *terms]), " - ".join(["y_i", *tex])

    def _list(self, name: Callable[[int], str]) -> str:
        return ", ".join(name(j) for j in self.places)

    def _x(self, j: int) -> str:
        return "xᵢ" if self.simple else f"xᵢ{_subscript(j)}"

    def _tex_x(self, j: int) -> str:
        return "x_i" if self.simple else f"x_{{i{j}}}"

    def _bar(self, j: int) -> str:
        return "x̄" if self.simple else f"x̄{_subscript(j)}"

    def _tex_bar(self, j: int) -> str:
        return r"\bar x" if self.simple else rf"\bar x_{{{j}}}"

    def _sum(self, j: int, k: int) -> str:
        if j == k:
            return f"Σ {self._x(j)}²"
        return f"Σ {self._x(j or k)}" if not (j and k) else f"Σ {self._x(j)} {self._x(k)}"

    def _tex_sum(self, j: int, k: int) -> str:
        if j == k:
            return rf"\sum_i {self._tex_x(j)}^2"
        return rf"\sum_i {self._tex_x(j or k)}" if not (j and k) else rf"\sum_i {self._tex_x(j)} {self._tex_x(k)}"

    def _named(self, j: int) -> str:
        return f"   ({self.names[j - 1]})" if j else ""

    def _plain(self, j: int) -> str:
        return self.names[j - 1] if j else ""

    def _equation(self, name: str, tex: str, number: float, beside: str = "", label: str = "") -> tuple[str, str]:
        exact = is_exact(number, self.digits)
        note = rf"\quad(\mathrm{{{_escaped(label)}}})" if label else ""
        return (
            f"{name} {'=' if exact else '≈'} {self._number(number)}{beside}",
            rf"{tex} {'=' if exact else chr(92) + 'approx'} {self._tex(number)}{note}",
        )

    def _sign(self, *numbers: float) -> str:
        return "=" if all(is_exact(number, self.digits) for number in numbers) else "≈"

    def _tex_sign(self, *numbers: float) -> str:
        return "=" if self._sign(*numbers) == "=" else r"\approx"

    def _number(self, number: float) -> str:
        return shown(number, self.digits)

    def _tex(self, number: float) -> str:
        return _tex_number(shown(number, self.digits))

    def _wide(self, number: float) -> tuple[str, str]:
        """Sums of squares get two more digits: rounded to four, the system would have another solution."""
        text = shown(number, self.digits + 2)
        return text, _tex_number(text)

    @staticmethod
    def _mean(values: Array) -> float:
        return math.fsum(values.tolist()) / len(values)


def _beta(j: int) -> str:
    return f"β{_subscript(j)}"


def _tex_beta(j: int) -> str:
    return rf"\beta_{{{j}}}" if j > 9 else rf"\beta_{j}"


def _subscript(j: int) -> str:
    return str(j).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _bracketed(number: str) -> str:
    return f"({number})" if number.startswith(("−", "-")) else number


def _tex_number(text: str) -> str:
    text = text.replace("−", "-").replace("∞", r"\infty")
    return re.sub(r"e(-?\d+)$", r" \\cdot 10^{\1}", text)


def _escaped(text: str) -> str:
    """Make a column's name or a title safe within LaTeX; the titles' Greek letters become formulas."""
    out = "".join({"\\": r"\backslash "}.get(c, "\\" + c if c in "_%&#${}" else c) for c in text)
    out = re.sub(r"β([₀-₉]+)", lambda m: rf"$\beta_{{{_digits(m[1])}}}$", out)
    return re.sub(r"x([₀-₉]+)", lambda m: rf"$x_{{{_digits(m[1])}}}$", out)


def _digits(subscript: str) -> str:
    return subscript.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
