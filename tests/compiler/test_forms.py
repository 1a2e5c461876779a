"""Arguments whose form is another at every call: run step by step, and recorded when they come back."""

import random
import warnings
from typing import Any

import pytest

import slopewise as sw
from slopewise import Value
from slopewise.compiler.forms import MANY_FORMS
from slopewise.errors import PathWarning

TABLE = {f"w{i}": Value(0.1 * i - 1.0) for i in range(30)}


def score(words: Any) -> Any:
    return sum(TABLE[word] * (i + 1) for i, word in enumerate(words)) ** 2


def total(pairs: Any) -> Any:
    return sum(x * x for x in pairs.values())


def weights(rows: Any) -> Any:
    return sum(sum(row) ** 2 for row in rows)


def texts(chance: random.Random) -> Any:
    return [f"w{chance.randrange(30)}" for _ in range(4)]


def dicts(chance: random.Random) -> Any:
    return {f"w{i}": chance.random() for i in chance.sample(range(30), 4)}


def lists(chance: random.Random) -> Any:
    return [[chance.random()] * chance.randrange(1, 8) for _ in range(6)]


CASES = [(score, texts, "words[0] is 'w"), (total, dicts, "pairs has other keys"), (weights, lists, "rows[0] holds ")]


@pytest.mark.parametrize(("f", "make", "what"), CASES)
def test_forms_that_never_come_back_are_not_recorded(f: Any, make: Any, what: str) -> None:
    k, chance = sw.compile(f), random.Random(3)
    given = [make(chance) for _ in range(2 * MANY_FORMS)]
    with pytest.warns(PathWarning, match="has got arguments of 64 forms in nearly as many calls") as caught:
        found = list(map(k, given))
    assert found == pytest.approx([float(f(x).data if f is score else f(x)) for x in given], rel=1e-12)
    assert len(caught) == 1
    assert str(caught[0].message).split("\n")[1].startswith(what)
    assert len(k.known_entries) == MANY_FORMS


def test_a_form_that_comes_back_is_recorded() -> None:
    k, chance = sw.compile(score), random.Random(5)
    given = [texts(chance) for _ in range(MANY_FORMS + 1)]
    with pytest.warns(PathWarning):
        list(map(k, given))
    assert len(k.known_entries) == MANY_FORMS
    assert k(given[-1]) == pytest.approx(score(given[-1]).data)
    assert len(k.known_entries) == MANY_FORMS + 1


def gradients(call: Any, given: Any) -> list[Any]:
    for value in TABLE.values():
        value.grad = 0.0
    call(given)
    return [value.grad for value in TABLE.values()]


def test_gradients_of_forms_that_never_come_back() -> None:
    k, chance = sw.compile(score), random.Random(7)
    given = [texts(chance) for _ in range(2 * MANY_FORMS)]
    with pytest.warns(PathWarning):
        found = [gradients(k.backward, words) for words in given]
    for words, expected in zip(given, found, strict=True):
        assert expected == pytest.approx(gradients(lambda x: score(x).backward(), words))


@pytest.mark.parametrize("made", [sw.grad, sw.value_and_grad, sw.jacobian])
def test_a_derivative_says_that_forms_never_come_back(made: Any) -> None:
    def f(w: Any, words: Any) -> Any:
        return sum(w * TABLE[word].data * (i + 1) for i, word in enumerate(words)) ** 2

    k, chance = made(f), random.Random(11)
    given = [texts(chance) for _ in range(2 * MANY_FORMS)]
    with pytest.warns(PathWarning) as caught:
        found = [k(0.5, words) for words in given]
    first, where, cure = str(caught[0].message).split("\n")
    assert len(caught) == 1 and where.startswith("words[")
    assert first.endswith(
        "f has got arguments of 64 forms in nearly as many calls, and this call has another: each new form is traced "
        "and differentiated anew, right but slowly"
    )
    assert cure == "give numbers, or arrays of one shape, in place of texts, of keys and of lists of any length"
    for words, expected in zip(given, found, strict=True):
        share = sum(TABLE[word].data * (i + 1) for i, word in enumerate(words))
        slope = expected[1] if made is sw.value_and_grad else expected
        assert slope == pytest.approx(2 * 0.5 * share**2)
    assert len(k.known_entries) == 2 * MANY_FORMS


def test_many_forms_that_come_again_and_again_are_recorded() -> None:
    k = sw.compile(total)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(1, MANY_FORMS + 20):
            given = {f"x{i}": 0.5 for i in range(n)}
            for _ in range(4):
                assert k(given) == 0.25 * n
    assert len(k.known_entries) == MANY_FORMS + 19


def test_strict_functions_record_every_form() -> None:
    k, chance = sw.compile(weights, strict=True), random.Random(9)
    for _ in range(MANY_FORMS + 10):
        k(lists(chance))
    assert len(k.known_entries) > MANY_FORMS
