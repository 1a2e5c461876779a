"""CSV files as they come: delimiters, headers, encodings, numbers, and rows that do not fit."""

from typing import Any

import pytest

from slopewise.errors import DataError
from slopewise.training.number_text import decimal_mark, is_missing, parse
from slopewise.training.table_file import read_table


def table(tmp_path: Any, content: Any, **options: Any) -> Any:
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, **options)


@pytest.mark.parametrize(
    ("content", "delimiter", "decimal"),
    [
        ("a,b\n1,2\n3,4\n", ",", "."),
        ("a;b\n1,5;2,5\n3,25;4\n", ";", ","),
        ("a;b\n1.5;2.5\n3.25;4\n", ";", "."),
        ("a\tb\n1\t2\n3\t4\n", "\t", "."),
        ("a|b\n1|2\n3|4\n", "|", "."),
        ('a,b\n"1,5",2\n"2,25",3\n', ",", ","),
        ("a;b\n1.234,5;2\n", ";", ","),
        ("sep=;\na;b\n1;2\n", ";", "."),
        ("day;price\n2020-01-01;1,234\n2020-01-02;2,345\n", ";", ","),
        ('name,note\nA,"x; y; z"\nB,"u; v; w"\n', ",", "."),
    ],
)
def test_delimiter_and_decimal_mark_are_found(tmp_path: Any, content: Any, delimiter: Any, decimal: Any) -> None:
    found = table(tmp_path, content)
    assert (found.delimiter, found.decimal) == (delimiter, decimal)
    assert len(found.names) == 2


def test_a_single_column_has_no_delimiter_to_find(tmp_path: Any) -> None:
    assert table(tmp_path, "a\n1\n2\n").names == ("a",)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("é,b\n1,2\n".encode(), "UTF-8"),
        ("é,b\n1,2\n".encode("utf-8-sig"), "UTF-8"),
        ("é,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("é,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("é,b\n1,2\n".encode("utf-16-be"), "UTF-16"),
        ("é,b\n1,2\n".encode("latin-1"), "Windows-1252"),
    ],
)
def test_encodings_are_found(tmp_path: Any, content: Any, encoding: Any) -> None:
    found = table(tmp_path, content)
    assert (found.names, found.encoding) == (("é", "b"), encoding)


def test_an_encoding_can_be_given(tmp_path: Any) -> None:
    assert table(tmp_path, "ж,b\n1,2\n".encode("koi8-r"), encoding="koi8-r").names == ("ж", "b")
    with pytest.raises(DataError, match="no encoding 'utf8x'"):
        table(tmp_path, "a\n", encoding="utf8x")
    with pytest.raises(DataError, match="is not in utf-8"):
        table(tmp_path, b"\xff\xfea", encoding="utf-8")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_blank_lines_and_a_missing_last_one(tmp_path: Any, end: Any) -> None:
    found = table(tmp_path, end.join(["", "a,b", "1,2", "", ",", "3,4"]))
    assert found.columns == (["1", "3"], ["2", "4"])
    assert found.lines == (3, 6)
    assert found.where(1) == "row 2 (line 6)"
    assert found.notes == ("1 empty row skipped",)


def test_quoted_cells_may_hold_anything(tmp_path: Any) -> None:
    found = table(tmp_path, 'a,"b, c"\n"x\ny","say ""hi"""\n3,4\n')
    assert found.names == ("a", "b, c")
    assert found.columns[0] == ["x\ny", "3"]
    assert found.columns[1][0] == 'say "hi"'
    assert found.lines == (2, 4)


def test_a_header_is_a_first_row_without_numbers_or_with_a_name_that_is_expected(tmp_path: Any) -> None:
    assert table(tmp_path, "1,2\n3,4\n").names == ("column1", "column2")
    assert table(tmp_path, "id,2019\n1,2\n").has_header is False
    assert table(tmp_path, "id,2019\n1,2\n", expected=("2019",)).names == ("id", "2019")
    assert table(tmp_path, "id,2019\n1,2\n", header=True).names == ("id", "2019")
    assert table(tmp_path, "x,y\nu,v\n", header=False).columns == (["x", "u"], ["y", "v"])
    assert table(tmp_path, "red,?\nblue,1\n").has_header is False


def test_names_are_made_distinct(tmp_path: Any) -> None:
    found = table(tmp_path, "a, a ,b\n1,2,3\n")
    assert found.names == ("a", "a.2", "b")
    assert "several columns of data.csv are named 'a'" in found.notes[0]


def test_nameless_columns_that_say_nothing_are_left_out(tmp_path: Any) -> None:
    assert table(tmp_path, "a,b,\n1,2,\n3,4,\n").names == ("a", "b")
    assert table(tmp_path, "a,b\n1,2,\n3,4\n").names == ("a", "b")
    counted = table(tmp_path, ",a\n0,5\n1,6\n")
    assert counted.names == ("a",)
    assert counted.notes == ("the first column has no name and counts the rows: left out",)
    assert table(tmp_path, ",a\n7,5\n1,6\n").names == ("column1", "a")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "data.csv is empty"),
        (b"\xef\xbb\xbf\n\n", "data.csv is empty"),
        (b",,\n,,\n", "data.csv has no rows"),
        (b"a,b\n", "has a header and no rows"),
        (b"a,b\n1,2\n1,2,3\n", r"row 2 \(line 3\) of data.csv has 3 cells and the header has 2"),
        (b"a,b\n1,2\n1\n", r"row 2 \(line 3\) of data.csv has 1 cell and the header has 2"),
        (b"1,2\n1,2,3\n", r"row 2 \(line 2\) of data.csv has 3 cells and row 1 has 2"),
        (b'a,b\n"1,2\n3,4\n', "a quote that opens in line 2 or soon after is never closed"),
        (b"a\x00b\x01c\x02 binary", "not a text file"),
        (b"PK\x03\x04 and so on", "Excel workbook or a zip"),
        (b"\x1f\x8b\x08 and so on", "compressed with gzip"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Any, content: Any, message: Any) -> None:
    with pytest.raises(DataError, match=message):
        table(tmp_path, content)


def test_files_that_are_not_there(tmp_path: Any) -> None:
    (tmp_path / "houses.csv").write_text("a\n")
    with pytest.raises(DataError, match="did you mean .*houses.csv"):
        read_table(tmp_path / "house.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        read_table(tmp_path / "no" / "house.csv")


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1", 1.0, 1.0),
        (" 1.5 ", 1.5, None),
        ("1,5", None, 1.5),
        ("1,234", 1234.0, 1.234),
        ("1,234,567.5", 1234567.5, None),
        ("1.234.567,5", None, 1234567.5),
        ("1 234", 1234.0, 1234.0),
        ("1’234.5", 1234.5, None),
        ("−3", -3.0, -3.0),
        (".5", 0.5, None),
        ("1e3", 1000.0, 1000.0),
        ("+2", 2.0, 2.0),
        ("12%", None, None),
        ("1_000", None, None),
        ("inf", None, None),
        ("nan", None, None),
        ("", None, None),
        (".", None, None),
        ("١", None, None),
        ("1,23,456", None, None),
    ],
)
def test_numbers_as_people_write_them(cell: Any, point: Any, comma: Any) -> None:
    assert parse(cell) == point
    assert parse(cell, ",") == comma


def test_decimal_marks_by_majority_and_hint() -> None:
    assert decimal_mark(["1,5", "1,25", "1.5"], ";") == ","
    assert decimal_mark(["1,234"], "\t", hint=",") == ","
    assert decimal_mark(["1,234", "0.5"], ";") == "."


def test_words_for_nothing() -> None:
    assert all(is_missing(word) for word in ("", " ", "NA", "n/a", "NaN", "?", "null", "-", "None", "#N/A"))
    assert not is_missing("none", number=False)
    assert not is_missing("0")
    assert is_missing("-999", frozenset({"-999"}))
