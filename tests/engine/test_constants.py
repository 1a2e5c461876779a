"""The constants of the engine stand twice, in value.py and in value.pxd; here they are compared."""

import re
import subprocess
import sys
from pathlib import Path

import slopewise.engine


def test_both_texts_have_the_same_constants() -> None:
    types = Path(slopewise.engine.__file__).with_name("value.pxd").read_text(encoding="utf-8")
    block = types[types.index("cdef enum:") : types.index("cdef double LIMIT")]
    in_c = {name: int(number) for name, number in re.findall(r"^    (\w+) = (\d+)$", block, re.MULTILINE)}
    program = (
        "import os; os.environ['SLOPEWISE_NATIVE'] = 'off'\n"
        "from slopewise.engine import value\n"
        f"print({{name: getattr(value, name) for name in {sorted(in_c)}}})"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert eval(printed) == in_c
    assert len(in_c) == 29
