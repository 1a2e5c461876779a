"""`slopewise explain TARGET`: the backward pass of a graph, told step by step."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.graph_sources import failures_named, is_file_target, read_graph
from slopewise.cli.story_output import chosen_format, deliver, story_options
from slopewise.cli.terminal import remark, say

if TYPE_CHECKING:
    from slopewise.cli.graph_sources import GraphSource


def _print_functions(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import textwrap

    from slopewise.cli.expressions import function_names
    from slopewise.cli.expressions.functions import CONSTANTS
    from slopewise.cli.terminal import width_of

    for title, names in (("Functions", function_names()), ("Constants", list(CONSTANTS))):
        say(textwrap.fill(f"{title}: {', '.join(names)}", max(20, min(width_of(), 100)), subsequent_indent="  "))
    ctx.exit()


@click.command(epilog="Exit code: 0 when it was told, 2 for bad input.")
@click.argument("target")
@click.option("--wrong", type=click.Choice(["order", "assign", "no-zero"]), default=None,
              help="Tell a pass with this mistake beside the right one: nodes in the wrong order; = in place of +=; "
              "gradients not zeroed.")  # fmt: skip
@click.option("--nodes", is_flag=True, help="Show every node: a - b as a + b * -1, a sum as its additions.")
@click.option("--most", type=click.IntRange(1), default=100, show_default=True,
              help="The most steps told one by one; more are told in groups.")  # fmt: skip
@click.option("--open", "place", metavar="PLACE", default=None,
              help="Tell a part alone: a layer such as layers.0, a neuron, or a node and its neighbours.")  # fmt: skip
@click.option("--sample", type=click.IntRange(0), default=None, metavar="N", help="Tell one sample alone, from 0 on.")
@click.option("--lines", is_flag=True, help="FILE.py: say which line made each step. The file runs slower.")
@story_options
@click.option("--functions", is_flag=True, is_eager=True, expose_value=False, callback=_print_functions,
              help="List the functions that an expression may use.")  # fmt: skip
def explain(
    target: str,
    wrong: str | None,
    nodes: bool,
    most: int,
    place: str | None,
    sample: int | None,
    lines: bool,
    form: str | None,
    output: Path | None,
    to_json: bool,
) -> None:
    """Tell a backward pass step by step, forward and back.

    TARGET is an expression, FILE.py:NAME, or - for an expression on the standard input. An expression is parsed, never
    run as code: names, numbers, + - * / % **, and functions such as tanh. FILE.py:NAME runs the file, as python FILE.py
    does, and tells the Value of that name: loss, losses[0], net.loss, or a function without arguments.

    \b
    slopewise explain "f = (a*b) * (a+b); a = -2; b = 3"
    slopewise explain train.py:loss -o loss.html
    """
    import slopewise

    written_as = chosen_format(form, to_json, output)
    source = read_graph(target, lines=lines)
    run_expression(source, target)
    with failures_named(target):
        story = slopewise.explain(source.item, wrong=wrong, nodes=nodes, most=most, names=names_of(source))
        if place is not None or sample is not None:
            story = story.open(place or "", sample=sample)
        deliver(story, written_as, output, f"Backpropagation through {story.name}")


def run_expression(source: "GraphSource", target: str) -> None:
    """Run the backward pass of an expression, which is there for nothing else; a file's graph stays as it is."""
    if is_file_target(target):
        return
    source.item.backward()
    name = source.names([source.item]).of(source.item)
    if name != source.title and source.scope.get(source.title) is source.item:
        remark(f"{source.title} is {name}, and goes by that name here")


def names_of(source: "GraphSource") -> Any:
    """Return the names of a graph's nodes, as the file or the expression has them."""
    from slopewise.engine.reading import survey

    return source.names(survey(source.item)[0])
