"""`slopewise fit` and `slopewise predict`, from a CSV to predictions, and everything that can go wrong on the way."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from click.testing import CliRunner

from slopewise.cli import main

ROWS = "city,size,price\n" + "".join(
    f"{city},{size},{100 * size + {'Rome': 0, 'Oslo': 500, 'Paris': 900}[city]}\n"
    for size in range(10, 40)
    for city in ("Rome", "Oslo", "Paris")
)


@pytest.fixture
def here(tmp_path: Any, monkeypatch: Any) -> Any:
    """A folder with houses.csv that is the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "houses.csv").write_text(ROWS)
    return tmp_path


def run(*args: Any) -> Any:
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=True)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def problem(*args: Any) -> Any:
    """Run a command that must fail with one line on stderr and the exit code 2."""
    result = run(*args)
    assert result.exit_code == 2
    assert result.stderr.startswith("slopewise: ")
    assert result.stderr.count("\n") == 1
    return result.stderr[len("slopewise: ") : -1]


def test_from_a_table_to_predictions(here: Any) -> None:
    result = run("fit", "houses.csv", "--target", "price", "--one-hot")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    for text in (
        "data      houses.csv: 90 rows × 3 columns",
        "          separated by commas, header in the first row, UTF-8",
        "          no rows dropped",
        "inputs    3 from 2 columns, 1 of words as one input per word, standardised inside the model",
        "rows      72 to fit, 18 held out (20 %, shuffled with seed 0)",
        "score     on the 18 rows held out",
        "saved     model.safetensors",
        "next      slopewise predict model.safetensors houses.csv",
    ):
        assert text in lines
    scores = {line.strip().split("  ")[0]: line.split()[-1] for line in lines[-7:] if line.strip()}
    assert scores["line"] == "1.000"
    assert scores["always the mean"].startswith(("0.0", "−0.0", "−0.1", "−0.2"))
    predicted = run("predict", "model.safetensors", "houses.csv")
    assert predicted.exit_code == 0
    rows = list(csv.DictReader(predicted.stdout.splitlines()))
    assert len(rows) == 90
    assert all(float(row["predicted price"]) == pytest.approx(float(row["price"])) for row in rows)
    assert "the table holds price: root mean squared error" in predicted.stderr


def test_a_net_from_the_command_line(here: Any) -> None:
    args = ("--target", "price", "--one-hot", "--model", "mlp", "--hidden", "4,3", "--epochs", "20", "--batch", "16")
    result = run("fit", "houses.csv", *args, "-o", "net.safetensors")
    assert result.exit_code == 0
    assert "model     mlp 4-4-3-1, tanh, AdamW in batches of 16" in result.stdout
    assert "20 epochs, about " in result.stdout
    assert "trained for 20 epochs in " in result.stdout
    assert result.stderr == ""  # no bar in a pipe
    again = run("fit", "houses.csv", *args, "-o", "net.safetensors")  # its own model may be replaced
    assert [line for line in again.stdout.splitlines() if line.startswith("          mlp")] == [
        line for line in result.stdout.splitlines() if line.startswith("          mlp")
    ]
    assert run("predict", "net.safetensors", "houses.csv", "-o", "out.csv").exit_code == 0
    assert len((here / "out.csv").read_text().splitlines()) == 91


def test_columns_in_another_order_and_decimal_commas_come_back_so(here: Any) -> None:
    run("fit", "houses.csv", "--target", "price", "--one-hot")
    (here / "new.csv").write_bytes("\ufeffsize;extra;city\r\n10,5;x;Oslo\r\n20;y;Rome".encode())
    result = run("predict", "model.safetensors", "new.csv")
    assert result.stdout.splitlines()[0] == "size;extra;city;predicted price"
    first = result.stdout.splitlines()[1].split(";")
    assert float(first[-1].replace(",", ".")) == pytest.approx(1550.0)
    assert first[0] == "10,5"


def test_tables_without_header(here: Any) -> None:
    (here / "bare.csv").write_text("".join(f"{k},{3 * k},{k * k}\n" for k in range(12)))
    result = run("fit", "bare.csv", "--target", "2")
    assert "no header, so columns are column1, column2, …" in result.stdout
    assert "target    column2" in result.stdout
    (here / "new.csv").write_text("5,25\n6,36\n")  # without the target
    predicted = run("predict", "model.safetensors", "new.csv").stdout.splitlines()
    assert [float(line.split(",")[-1]) for line in predicted] == pytest.approx([15.0, 18.0])
    (here / "wide.csv").write_text("1,2,3,4\n")
    assert "wide.csv has 4 columns, and the model was fitted on a table of 3" in problem(
        "predict", "model.safetensors", "wide.csv"
    )


def test_rows_dropped_and_filled_are_said(here: Any) -> None:
    (here / "holes.csv").write_text(ROWS + "Rome,,1500\nRome,50,\n")
    assert "missing in 2 of 92 rows" in problem("fit", "holes.csv", "--target", "price", "--one-hot")
    dropped = run("fit", "holes.csv", "--target", "price", "--one-hot", "--missing", "drop")
    assert "          2 rows dropped (missing values)" in dropped.stdout
    predicted = run("predict", "model.safetensors", "holes.csv")
    assert "1 row has a missing value and no prediction, the first at row 91 (line 92)" in predicted.stderr
    assert predicted.stdout.splitlines()[91] == "Rome,,1500,"
    filled = run("fit", "holes.csv", "--target", "price", "--one-hot", "--missing", "mean")
    assert "          1 row dropped (target missing)" in filled.stdout
    assert "          column 'size': 1 missing value filled with the mean ≈ " in filled.stdout
    assert "no prediction" not in run("predict", "model.safetensors", "holes.csv").stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("fit", "house.csv", "--target", "price"), "there is no file house.csv; did you mean houses.csv?"),
        (("fit", "houses.csv"), "--target says which column to predict; houses.csv has 'city', 'size', 'price'"),
        (
            ("fit", "houses.csv", "--target", "pric"),
            "houses.csv has no column 'pric' (the target); did you mean 'price'?",
        ),
        (("fit", "houses.csv", "--targt", "price"), "no such option '--targt'. Did you mean '--target'?"),
        (
            ("fit", "houses.csv", "--target", "price", "--drop", "citty"),
            "houses.csv has no column 'citty' (to drop); did you mean 'city'?",
        ),
        (
            ("fit", "houses.csv", "--target", "price"),
            (
                "column 'city' holds words, such as 'Rome' at row 1 (line 2) (3 different ones); "
                "give --one-hot to turn words into inputs, or leave a column out with --drop city"
            ),
        ),
        (
            ("fit", "houses.csv", "--target", "city"),
            (
                "the target 'city' holds words, 'Rome' at row 1 (line 2) (3 different ones), "
                "and only numbers are predicted here; give a column of numbers as the target"
            ),
        ),
        (
            ("fit", "houses.csv", "--target", "price", "--epochs", "5"),
            "--epochs is of --model mlp, and a line has none; give --model mlp, or leave it out",
        ),
        (
            ("fit", "houses.csv", "--target", "price", "--model", "mlp", "--hidden", "big"),
            "--hidden takes sizes such as 16 or 16,16, got 'big'",
        ),
        (
            ("fit", "houses.csv", "--target", "price", "--holdout", "1.5"),
            "holdout must be a share from 0 to 0.9, got 1.5",
        ),
        (
            ("fit", "houses.csv", "--target", "price", "-o", "houses.csv"),
            "houses.csv exists and is no model saved by slopewise; give another name with -o, or --force to overwrite it",
        ),
        (
            ("predict", "houses.csv", "houses.csv"),
            "houses.csv is a text file, no saved model; give the file that `slopewise fit` saved first, then the table",
        ),
    ],
)
def test_bad_input_gets_one_clear_line(here: Any, args: Any, message: Any) -> None:
    assert problem(*args) == message
    assert (here / "houses.csv").read_text() == ROWS
    assert not (here / "model.safetensors").exists()


def test_predictions_do_not_overwrite(here: Any) -> None:
    run("fit", "houses.csv", "--target", "price", "--one-hot")
    assert "houses.csv exists" in problem("predict", "model.safetensors", "houses.csv", "-o", "houses.csv")
    assert run("predict", "model.safetensors", "houses.csv", "-o", "out.csv").exit_code == 0
    assert "out.csv exists" in problem("predict", "model.safetensors", "houses.csv", "-o", "out.csv")
    assert run("predict", "model.safetensors", "houses.csv", "-o", "out.csv", "--force").exit_code == 0


def test_a_constant_target_and_dependent_columns_are_said(here: Any) -> None:
    (here / "flat.csv").write_text("a,b,y\n" + "".join(f"{k},{2 * k},7\n" for k in range(10)))
    result = run("fit", "flat.csv", "--target", "y")
    assert result.exit_code == 0
    assert "the target 'y' is 7 in every row: there is nothing to learn" in result.stdout
    assert "rank 2, not 3: b is 2·a; left out with coefficient 0" in result.stdout
    assert "not defined" in result.stdout


def test_help_names_every_option(here: Any) -> None:
    text = run("fit", "--help").stdout
    for option in ("--target", "--missing", "--one-hot", "--model", "--seconds", "--holdout", "--force"):
        assert option in text
    assert "MODEL" in run("predict", "--help").stdout


# A process that was begun in the background of a script hands on that Ctrl-C is ignored, and so would the command.
HEARS_CTRL_C = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from slopewise.cli import main; main()"
)


def slopewise(*args: Any, cwd: Any, **environment: Any) -> Any:
    command = [sys.executable, "-c", HEARS_CTRL_C, *args]
    setting = {**os.environ, **environment}
    return subprocess.Popen(command, cwd=cwd, env=setting, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_in_a_process_of_its_own_with_plain_symbols(here: Any) -> None:
    process = slopewise("fit", "houses.csv", "--target", "price", "--one-hot", cwd=here, PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert b"90 rows x 3 columns" in out
    assert b"\x1b" not in out


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_keeps_the_model_reached_so_far(here: Any) -> None:
    args = ("--target", "price", "--one-hot", "--model", "mlp", "--epochs", "1000000", "--seconds", "600")
    process = slopewise("fit", "houses.csv", *args, cwd=here, PYTHONUNBUFFERED="1")
    try:
        heard = b""
        while b"expected" not in heard and b"would take" not in heard:  # training is on its way
            line = process.stdout.readline()
            assert line, process.stderr.read()
            heard += line
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert b"stopped by Ctrl-C after" in out
    assert b"saved     model.safetensors, the model reached so far" in out
    assert run("predict", "model.safetensors", "houses.csv").exit_code == 0


def test_a_table_from_the_standard_input(here: Any) -> None:
    result = CliRunner().invoke(main, ["fit", "-", "--target", "price", "--one-hot"], input=ROWS)
    assert result.exit_code == 0
    assert "data      the standard input: 90 rows × 3 columns" in result.stdout


@pytest.mark.parametrize("width", ["40", "60", "200"])
def test_no_number_is_cut_in_a_narrow_terminal(here: Any, monkeypatch: Any, width: Any) -> None:
    monkeypatch.setenv("COLUMNS", width)
    text = run("fit", "houses.csv", "--target", "price", "--one-hot").stdout
    (line,) = [line for line in text.splitlines() if line.strip().startswith("size")]
    assert line.split()[:2] == ["size", "100"]
    assert "R²" in text
    assert "1.000" in text


def test_another_suffix_is_remarked(here: Any) -> None:
    text = run("fit", "houses.csv", "--target", "price", "--one-hot", "-o", "model.txt").stdout
    assert "saved     model.txt (a safetensors file, whatever .txt says)\n" in text


def test_json_reports_a_line_and_a_net(here: Any) -> None:
    result = run("fit", "houses.csv", "--target", "price", "--one-hot", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["data"]["rows"], report["fitted_rows"], report["held_out_rows"]) == (90, 72, 18)
    assert (report["target"], report["model"], report["saved"]) == ("price", "line", "model.safetensors")
    coefficients = {row["name"]: row["coefficient"] for row in report["coefficients"]}
    assert coefficients["size"] == pytest.approx(100)
    assert report["score"]["model"]["rmse"] < 1e-6 < report["score"]["always_the_mean"]["rmse"]
    net = run("fit", "houses.csv", "--target", "price", "--one-hot", "--json", "--model", "mlp", "--epochs", "2")
    report = json.loads(net.stdout)
    assert (report["model"], report["hidden"], report["training"]["interrupted"]) == ("mlp", [16], False)


def test_predictions_as_json(here: Any) -> None:
    run("fit", "houses.csv", "--target", "size", "--drop", "city")
    (here / "few.csv").write_text("city,price\nRome,1000\nOslo,\n")
    report = json.loads(run("predict", "model.safetensors", "few.csv", "--json").stdout)
    assert report["model"] == "line"
    assert report["predictions"][0] == pytest.approx(10, abs=5)
    assert report["predictions"][1] is None
    run("predict", "model.safetensors", "few.csv", "--json", "-o", "out.json")
    assert json.loads((here / "out.json").read_text()) == report


def test_plain_is_ascii(here: Any) -> None:
    text = run("fit", "houses.csv", "--target", "price", "--one-hot", "--plain").stdout
    assert text.isascii()
    assert "90 rows x 3 columns" in text
    assert "R^2" in text
