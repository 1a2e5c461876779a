"""What can be read off a graph: names, idioms, groups, paths and contributions. No output format lives here."""

from slopewise.views.contributions import Contribution, contributions
from slopewise.views.graph import Operand, ShownGraph, ShownNode, operation_word, shown_graph
from slopewise.views.groups import Groups, group
from slopewise.views.names import Names, caller_names, names_in
from slopewise.views.paths import Others, Path, Paths, find_paths
from slopewise.views.places import places_in
from slopewise.views.reading import Reading, check_root
from slopewise.views.staleness import Stale, stale_values

__all__ = [
    "Contribution",
    "Groups",
    "Names",
    "Operand",
    "Others",
    "Path",
    "Paths",
    "Reading",
    "ShownGraph",
    "ShownNode",
    "Stale",
    "caller_names",
    "check_root",
    "contributions",
    "find_paths",
    "group",
    "names_in",
    "operation_word",
    "places_in",
    "shown_graph",
    "stale_values",
]
