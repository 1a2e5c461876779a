"""The operations under the names that users call: `exp(1.0)`, `exp(Value(1.0))`, `exp([1.0, 2.0])`."""

from slopewise.ops.table import BY_NAME

_ALIASES = {
    "abs": "absolute",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
}
_OPERATORS = ("leaf", "add", "multiply", "power", "power_value", "modulo", "absolute")

globals().update({name: row for name, row in BY_NAME.items() if name not in _OPERATORS})
globals().update({alias: BY_NAME[name] for alias, name in _ALIASES.items()})
