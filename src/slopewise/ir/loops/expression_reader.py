"""Reading the expressions of a text of Loops."""

import struct

from slopewise.ir.loops.index_reader import INDEX_RULE, IndexReader, nearest
from slopewise.ir.loops.spelling import ADDED, ANY, CODE_OF_SIGN, COMPARED, MULTIPLIED, NEGATED, RAISED, SIGNS
from slopewise.ir.loops.structure import Apply, Expression, Literal, Load, Local, Sum
from slopewise.ir.loops.tokens import Token
from slopewise.ir.operations import CODES, CONSTANT, INPUT, NEGATE, arity_of

# How tightly what stands behind a sign has to hold together.
_RIGHT_OF = {COMPARED: ADDED, ADDED: MULTIPLIED, MULTIPLIED: NEGATED, RAISED: NEGATED}


class ExpressionReader(IndexReader):
    """Reads expressions; `locals` are the names of numbers that are known at the moment."""

    def expression(self, tightness: int) -> Expression:
        """Read operands and the signs between them that hold together at least so tightly."""
        tokens = self.tokens
        left = self.operand()
        while tokens.next.kind in ("sign", "mark") and (code := CODE_OF_SIGN.get(tokens.next.text)) is not None:
            own = SIGNS[code][1]
            if own < tightness:
                break
            sign = tokens.advance()
            left = Apply(code, (left, self.expression(_RIGHT_OF[own])))
            if own == COMPARED and tokens.next.kind in ("sign", "mark"):
                second = CODE_OF_SIGN.get(tokens.next.text, NEGATE)
                if second in SIGNS and SIGNS[second][1] == COMPARED:
                    tokens.fail(
                        tokens.next,
                        f"{tokens.next.text} stands behind another comparison, {sign.text}",
                        "a comparison gives 1 or 0; brackets say which comes first: (a < b) == c",
                    )
        return left

    def operand(self) -> Expression:
        self.deeper()
        tokens = self.tokens
        if tokens.passes("-"):
            token = tokens.next
            if token.kind == "number" and not token.text.startswith("nan"):
                x = self.positive()
                if not tokens.is_at("**"):
                    self.depth -= 1
                    return Literal(-x)
                sign = tokens.advance()
                inner: Expression = Apply(CODE_OF_SIGN[sign.text], (Literal(x), self.expression(_RIGHT_OF[RAISED])))
            else:
                inner = self.expression(NEGATED)
            self.depth -= 1
            return Apply(NEGATE, (inner,))
        if tokens.next.kind == "number":
            expression: Expression = Literal(self.positive())
        elif tokens.passes("("):
            expression = self.expression(ANY)
            tokens.take(")", "a bracket is closed behind what it holds together")
        else:
            rule = "an operand is a number, a name, h[i], or an operation: exp(t)"
            name = tokens.take_kind("word", "an operand", rule)
            if not tokens.passes("("):
                expression = self.named(name)
            else:
                expression = self.sum() if name.text == "sum" else self.applied(name)
        self.depth -= 1
        return expression

    def named(self, name: Token) -> Load | Local:
        tokens = self.tokens
        if tokens.is_at("["):
            if name.text not in self.by_name:
                tokens.fail(name, f"{name.text} is no array", nearest(name.text, self.by_name))
            tokens.advance()
            index = self.place(self.by_name[name.text])
            tokens.take("]", INDEX_RULE)
            return Load(name.text, index)
        if name.text not in self.locals:
            if name.text in self.by_name:
                what = f"{name.text} is an array, and one of its elements is needed"
                tokens.fail(name, what, f"an element is written with its index: {name.text}[0]")
            if name.text in self.variables:
                what = f"{name.text} counts a loop, and stands in indices alone"
                tokens.fail(name, what, "to compute with it, put 0, 1, 2 and so on into a constant array")
            tokens.fail(name, f"{name.text} is no name that stands for a number here", nearest(name.text, self.locals))
        return Local(name.text)

    def sum(self) -> Sum:
        outside = len(self.variables)
        ranges = self.ranges()
        self.tokens.take(":", "a sum is written sum(i in 10: x[i])")
        term = self.expression(ANY)
        self.tokens.take(")", "a sum is written sum(i in 10: x[i])")
        while len(self.variables) > outside:
            self.variables.popitem()
        return Sum(ranges, term)

    def applied(self, name: Token) -> Apply:
        code = CODES.get(name.text, INPUT)
        if code in (INPUT, CONSTANT):
            known = [known for known, code in CODES.items() if code not in (INPUT, CONSTANT)]
            self.tokens.fail(
                name,
                f"{name.text} is no operation",
                nearest(name.text, known, "the operations stand in docs/program.md"),
            )
        arity = arity_of(code)
        rule = f"{name.text} takes {arity} operand{'s' * (arity != 1)}"
        operands = [self.expression(ANY)]
        while len(operands) < arity:
            self.tokens.take(",", rule)
            operands.append(self.expression(ANY))
        self.tokens.take(")", rule)
        return Apply(code, tuple(operands))

    def positive(self) -> float:
        token = self.tokens.advance()
        if not token.text.startswith("nan("):
            return float(token.text)
        (x,) = struct.unpack("<d", struct.pack("<Q", int(token.text[4:-1], 16)))
        if x == x:
            cure = "a nan is written nan, or with its bits as in nan(0xfff8000000000000)"
            self.tokens.fail(token, f"{token.text} has the bits of a number", cure)
        return float(x)
