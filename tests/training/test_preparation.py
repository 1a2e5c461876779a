"""From a table to what is fitted: columns chosen, filled, turned into numbers, and rows held out."""

from typing import Any

import numpy as np
import pytest

from slopewise.errors import DataError, DomainError
from slopewise.training.preparation import Choices, prepare
from slopewise.training.table_file import read_table


def prepared(tmp_path: Any, content: Any, baseline: Any = True, **choices: Any) -> Any:
    path = tmp_path / "data.csv"
    path.write_text(content)
    choices.setdefault("target", "y")
    return prepare(read_table(path, expected=(choices["target"],)), Choices(**choices), baseline=baseline)


ROWS = "x,y\n" + "".join(f"{k},{2 * k}\n" for k in range(10))
HOLES = "x,c,y\n1,a,1\n2,b,2\nNA,a,3\n4,?,4\n5,b,\n6,a,6\n7,b,7\n8,a,8\n"


def test_a_fifth_is_held_out_and_the_seed_repeats(tmp_path: Any) -> None:
    first, again, other = (prepared(tmp_path, ROWS, seed=seed) for seed in (0, 0, 1))
    assert (len(first.train_y), len(first.test_y)) == (8, 2)
    assert first.test_y.tolist() == again.test_y.tolist() != other.test_y.tolist()
    assert sorted([*first.train_y, *first.test_y]) == [2.0 * k for k in range(10)]
    assert len(prepared(tmp_path, ROWS, holdout=0).test_y) == 0


def test_inputs_are_standardised_over_the_fitted_rows(tmp_path: Any) -> None:
    data = prepared(tmp_path, ROWS)
    scaled = data.recipe.scaled(data.train_x)
    np.testing.assert_allclose([scaled.mean(), scaled.std()], [0.0, 1.0], atol=1e-15)


def test_missing_values_are_refused_with_their_rows(tmp_path: Any) -> None:
    with pytest.raises(DataError, match=r"3 values are missing in 3 of 8 rows: 'y' at row 5 \(line 6\); 'x' at row 3"):
        prepared(tmp_path, HOLES, one_hot=True)


def test_missing_values_dropped_or_filled(tmp_path: Any) -> None:
    dropped = prepared(tmp_path, HOLES, one_hot=True, missing="drop")
    assert (dropped.dropped_rows, len(dropped.train_y) + len(dropped.test_y)) == (3, 5)
    filled = prepared(tmp_path, HOLES, one_hot=True, missing="mean", holdout=0)
    assert filled.dropped_rows == 1  # no target, nothing to learn from
    assert filled.recipe.columns[0].fill == pytest.approx(np.mean([1, 2, 4, 6, 7, 8]))
    assert filled.recipe.columns[1].fill == "a"
    median = prepared(tmp_path, HOLES, one_hot=True, missing="median", holdout=0)
    assert median.recipe.columns[0].fill == pytest.approx(5.0)
    assert np.isfinite(filled.train_x).all()


def test_a_word_of_ones_own_for_nothing(tmp_path: Any) -> None:
    rows = "x,y\n1,1\n-999,2\n3,3\nmissing value,4\n5,5\n"
    data = prepared(tmp_path, rows, na=("-999", "Missing Value"), missing="drop")
    assert data.dropped_rows == 2


def test_words_need_one_hot_and_then_become_inputs(tmp_path: Any) -> None:
    rows = "city,x,y\n" + "".join(
        f"{city},{k},{k}\n" for k, city in enumerate(["Rome", "Paris", "Rome", "Oslo", "Rome"])
    )
    with pytest.raises(DataError, match=r"column 'city' holds words, such as 'Rome' at row 1 \(line 2\) \(3 different"):
        prepared(tmp_path, rows)
    assert prepared(tmp_path, rows, drop=("city",)).recipe.inputs == ("x",)
    line = prepared(tmp_path, rows, one_hot=True, holdout=0)
    assert line.recipe.inputs == ("city=Oslo", "city=Paris", "x")
    assert line.recipe.columns[0].baseline == "Rome"
    net = prepared(tmp_path, rows, one_hot=True, holdout=0, baseline=False)
    assert net.recipe.inputs == ("city=Oslo", "city=Paris", "city=Rome", "x")
    assert net.train_x[1].tolist() == [0.0, 1.0, 0.0, 1.0]


def test_codes_can_be_words_and_truth_values_are_numbers(tmp_path: Any) -> None:
    rows = "code,ok,y\n1,true,1\n2,FALSE,2\n3,True,3\n1,false,4\n2,true,5\n"
    data = prepared(tmp_path, rows, categories=("code",), holdout=0)
    assert data.recipe.inputs == ("code=2", "code=3", "ok")
    assert data.train_x[:, 2].tolist() == [1.0, 0.0, 1.0, 0.0, 1.0]


def test_a_word_among_numbers_is_named_with_its_row(tmp_path: Any) -> None:
    with pytest.raises(DataError, match=r"column 'x' holds 'abc' at row 2 \(line 3\), which is not a number"):
        prepared(tmp_path, "x,y\n1,1\nabc,2\n3,3\n4,4\n")
    with pytest.raises(DataError, match="which is not finite"):
        prepared(tmp_path, "x,y\n1,1\ninf,2\n3,3\n4,4\n")
    with pytest.raises(DataError, match="which is not finite"):
        prepared(tmp_path, "x,y\n1,1\n1e999,2\n3,3\n4,4\n")
    with pytest.raises(DataError, match="give --decimal ',' if that is wrong"):
        prepared(tmp_path, 'x,y\n1.5,1\n2.5,2\n3.5,3\n"4,5",4\n')


def test_names_and_dates_are_recognised(tmp_path: Any) -> None:
    rows = "name,y\n" + "".join(f"person {k},{k}\n" for k in range(60))
    with pytest.raises(DataError, match="60 different words in 60 rows, more than 50; that looks like names"):
        prepared(tmp_path, rows, one_hot=True)
    assert len(prepared(tmp_path, rows, one_hot=True, most_words=60).recipe.inputs) == 59


def test_the_target_is_looked_up_and_must_be_numbers(tmp_path: Any) -> None:
    with pytest.raises(DataError, match=r"no column 'Y' \(the target\)\ndid you mean 'y'"):
        prepared(tmp_path, ROWS, target="Y", holdout=0)
    with pytest.raises(DataError, match=r"the target 'y' holds words, 'no' at row 1 \(line 2\) \(2 different ones\)"):
        prepared(tmp_path, "x,y\n1,no\n2,yes\n3,no\n")
    with pytest.raises(DataError, match="has no value in any row"):
        prepared(tmp_path, "x,y\n1,\n2,NA\n3,\n")
    assert prepared(tmp_path, "1,2\n3,4\n5,7\n7,7\n", target="2").target == "column2"


def test_columns_that_say_nothing_are_left_out_with_a_note(tmp_path: Any) -> None:
    data = prepared(tmp_path, "x,k,e,y\n1,5,,1\n2,5,,2\n3,5,,4\n4,5,,4\n", missing="drop")
    assert data.recipe.inputs == ("x",)
    assert "column 'e' holds nothing at all: left out" in data.notes
    assert "column 'k' is the same in every row that is fitted: left out" in data.notes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,y\n1,2\n", "has 1 row to use, 1 held out; 2 or more must remain to fit"),
        ("x,y\n1,2\n2,3\n", "give more rows, or --holdout 0"),
        ("y\n1\n2\n3\n", "has no column to predict 'y' from"),
        ("k,y\n1,1\n1,2\n1,3\n", "no column of data.csv varies"),
    ],
)
def test_too_little_to_fit(tmp_path: Any, content: Any, message: Any) -> None:
    with pytest.raises(DataError, match=message):
        prepared(tmp_path, content)


def test_notes_on_targets(tmp_path: Any) -> None:
    assert "is 5 in every row" in prepared(tmp_path, "x,y\n1,5\n2,5\n3,5\n").notes[0]
    two = "x,y\n" + "".join(f"{k},{k % 2}\n" for k in range(20))
    assert "is 0 or 1: fitted as numbers" in prepared(tmp_path, two).notes[0]


@pytest.mark.parametrize("wrong", [{"missing": "zero"}, {"holdout": 1.0}, {"holdout": -0.1}])
def test_choices_outside_their_range(wrong: Any) -> None:
    with pytest.raises(DomainError):
        Choices(target="y", **wrong)


def test_a_column_cannot_be_target_and_dropped(tmp_path: Any) -> None:
    with pytest.raises(DataError, match="is the target"):
        prepared(tmp_path, ROWS, drop=("y",))


def test_what_was_filled_is_noted(tmp_path: Any) -> None:
    filled = prepared(tmp_path, HOLES, one_hot=True, missing="median", holdout=0)
    assert filled.notes == (
        "column 'x': 1 missing value filled with the median 5",
        "column 'c': 1 missing value filled with 'a', the most common word",
    )
    assert prepared(tmp_path, HOLES, one_hot=True, missing="drop", holdout=0).notes == ()
    names = [f"c{k}" for k in range(10)]
    rows = [",".join(["" if j == k else str(j + k * k) for j in range(10)]) + f",{k}" for k in range(12)]
    wide = "\n".join([",".join([*names, "y"]), *rows]) + "\n"
    notes = prepared(tmp_path, wide, missing="mean", holdout=0).notes
    assert len(notes) == 9
    assert notes[-1] == "2 more columns: 2 missing values filled in the same way"


DATES = [
    "2024-01-{:02}", "{:02}.01.2024", "1/{}/2024", "1/{}/24, 10:30", "{} Jan 2024", "{:02}-Feb-24", "March {}, 2024",
    "Fri, {:02} Jan 2024 10:00:00 GMT", "2024-01-{:02}T10:30:00.5+01:00", "2024-{:02}", "2024-W{:02}", "2024-Jan-{:02}",
]  # fmt: skip


@pytest.mark.parametrize("form", DATES)
@pytest.mark.parametrize("one_hot", [False, True])
def test_dates_are_no_words(tmp_path: Any, form: str, one_hot: bool) -> None:
    rows = "date,y\n" + "".join(f'"{form.format(k)}",{k}\n' for k in range(1, 13))
    with pytest.raises(DataError, match="looks like a date") as caught:
        prepared(tmp_path, rows, one_hot=one_hot)
    assert "\nwrite the column as a number of days, or leave it out with --drop date" in str(caught.value)
    assert len(prepared(tmp_path, rows, categories=("date",), holdout=0).recipe.inputs) == 11


@pytest.mark.parametrize(
    ("form", "what"),
    [
        ("{}:30", "looks like a time of day\nwrite the column as a number of minutes"),
        ("${}.50", r"looks like a number with '\$'\nremove '\$' from the column"),
        ("{} %", "looks like a number with '%'\nremove '%' from the column"),
        ("{}kg", "looks like a number with 'kg'\nremove 'kg' from the column"),
    ],
)
def test_times_and_amounts_are_no_words(tmp_path: Any, form: str, what: str) -> None:
    rows = "v,y\n" + "".join(f"{form.format(k)},{k}\n" for k in range(1, 13))
    with pytest.raises(DataError, match=what):
        prepared(tmp_path, rows)


def test_few_dates_that_repeat_may_be_words(tmp_path: Any) -> None:
    rows = "day,y\n" + "".join(f"2024-01-0{k % 3 + 1},{k}\n" for k in range(30))
    assert len(prepared(tmp_path, rows, one_hot=True).recipe.inputs) == 2


@pytest.mark.parametrize("form", ["person {}", "May", "v{}", "room {}a", "{}-{}x"])
def test_words_are_no_dates(tmp_path: Any, form: str) -> None:
    rows = "v,y\n" + "".join(f"{form.format(k % 4, k % 4)},{k}\n" for k in range(1, 13))
    with pytest.raises(DataError, match="column 'v' holds words"):
        prepared(tmp_path, rows)


def test_words_that_never_repeat_are_noted(tmp_path: Any) -> None:
    rows = "name,y\n" + "".join(f"person {k},{k}\n" for k in range(20))
    (note,) = prepared(tmp_path, rows, one_hot=True).notes
    assert note == "column 'name' has 20 different words in 20 rows, too many to learn from: consider --drop name"
    two = "a,b,y\n" + "".join(f"x{k % 2},z{k % 2},{k}\n" for k in range(20))
    with pytest.raises(DataError, match=", and so does 'b'"):
        prepared(tmp_path, two)
