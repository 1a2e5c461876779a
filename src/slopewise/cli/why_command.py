"""`slopewise why LEAF TARGET`: which paths a gradient is the sum of."""

from pathlib import Path

import click

from slopewise.cli.explain_command import names_of, run_expression
from slopewise.cli.graph_sources import failures_named, read_graph
from slopewise.cli.node_search import find_node, looks_like_a_name
from slopewise.cli.story_output import chosen_format, deliver, story_options
from slopewise.cli.terminal import fail


@click.command(epilog="Exit code: 0 when it was answered, 2 for bad input.")
@click.argument("leaf")
@click.argument("target")
@click.option("--most", type=click.IntRange(1), default=None, metavar="N",
              help="The most paths listed; the others are counted and added.")  # fmt: skip
@click.option("--by", type=click.Choice(["layer", "neuron", "sample"]), default=None, help="Group the paths.")
@story_options
def why(
    leaf: str,
    target: str,
    most: int | None,
    by: str | None,
    form: str | None,
    output: Path | None,
    to_json: bool,
) -> None:
    """Say why a gradient is what it is, path by path.

    LEAF is the name of a node: a in an expression; in a file, the variable that holds it, such as xs[0], or its place
    in a net, such as layers.0.neurons.3.w.1. TARGET is as for slopewise explain: an expression, FILE.py:NAME, which
    runs the file, or -. The two may be given in either order.

    \b
    slopewise why a "f = (a*b) * (a+b); a = -2; b = 3"
    slopewise why layers.0.neurons.3.b train.py:loss --by sample
    """
    import slopewise

    written_as = chosen_format(form, to_json, output)
    if looks_like_a_name(target) and not looks_like_a_name(leaf):
        leaf, target = target, leaf
    if looks_like_a_name(target) and target.strip() != "-":
        fail(f'{target!r} is no expression and no FILE.py:NAME: write slopewise why {leaf} "f = …; {leaf} = 2"')
    source = read_graph(target)
    run_expression(source, target)
    names = names_of(source)
    with failures_named(target):
        node = find_node(source, names, leaf)
        answer = slopewise.why(node, source.item, most=most, by=by, names=names)
        deliver(answer, written_as, output, f"Why {leaf} has its gradient")
