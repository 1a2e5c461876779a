"""`slopewise draw TARGET -o out.svg`: a graph or a net as a picture."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.documents import on_the_command_line
from slopewise.cli.explain_command import names_of, run_expression
from slopewise.cli.graph_sources import failures_named, read_graph
from slopewise.cli.json_output import print_json
from slopewise.cli.node_search import find_node
from slopewise.cli.terminal import fail, is_terminal, plain_option, printable, safe, say

if TYPE_CHECKING:
    from slopewise.cli.graph_sources import GraphSource
    from slopewise.engine import Value
    from slopewise.views import Names

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".dot")


@click.command(epilog="Exit code: 0 when it was drawn, 2 for bad input.")
@click.argument("target")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, metavar="FILE",
              help="The picture: .svg, .png, .pdf, .html or .dot; without it, SVG goes down the pipe.")  # fmt: skip
@click.option("--look", type=click.Choice(["fused", "lecture"]), default="fused", show_default=True,
              help="The operation inside the box, or records and circles as in the lecture.")  # fmt: skip
@click.option("--direction", type=click.Choice(["auto", "LR", "RL", "TB", "BT"], case_sensitive=False),
              default="auto", show_default=True, help="Where the graph goes: LR is from left to right.")  # fmt: skip
@click.option("--theme", type=click.Choice(["light", "dark", "auto"]), default="light", show_default=True,
              help="Its colours; auto follows the reader's.")  # fmt: skip
@click.option("--local", is_flag=True, help="Write the local derivatives on the edges.")
@click.option("--contributions", is_flag=True, help="Write the contributions on the edges.")
@click.option("--colour/--no-colour", "--color/--no-color", default=True,
              help="Show gradients by colour, dash and width.")  # fmt: skip
@click.option("--fold", type=click.Choice(["auto", "none", "neuron", "layer", "same"]), default="auto",
              show_default=True, help="What becomes one box; auto folds what would not be readable.")  # fmt: skip
@click.option("--everything", is_flag=True, help="Draw even a very large graph node by node.")
@click.option("--nodes", is_flag=True, help="Draw every node: a - b as a + b * -1, a sum as its additions.")
@click.option("--highlight", "leaf", metavar="LEAF", default=None,
              help="Mark the largest path from the result to this node.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what was drawn.")
@plain_option
def draw(target: str, output: Path | None, leaf: str | None, nodes: bool, as_json: bool, **options: Any) -> None:
    """Draw a graph, with every number and gradient in it.

    TARGET is as for slopewise explain: an expression, FILE.py:NAME, which runs the file, or -. A net in a file, such as
    FILE.py:net, is drawn as circles and lines. No program such as Graphviz is needed.

    \b
    slopewise draw "f = (a*b) * (a+b); a = -2; b = 3" -o f.svg
    slopewise draw train.py:loss --fold layer -o loss.html
    """
    _check_output(output, as_json)
    source = read_graph(target, take_models=True)
    with failures_named(target):
        _deliver(_picture(source, target, leaf, nodes, options), output, as_json)


def _picture(source: "GraphSource", target: str, leaf: str | None, nodes: bool, options: dict[str, Any]) -> Any:
    import slopewise

    if not isinstance(source.item, slopewise.Value):
        if leaf is not None:
            fail(f"--highlight marks a path of a graph, and {source.title} is a net: name its loss")
        return slopewise.draw(source.item, **options)
    run_expression(source, target)
    names = names_of(source)
    path = _largest_path(find_node(source, names, leaf), source, names) if leaf is not None else None
    return slopewise.draw(source.item, names=names, idioms=not nodes, highlight=path, **options)


def _largest_path(node: "Value", source: "GraphSource", names: "Names") -> Any:
    import slopewise

    paths = slopewise.why(node, source.item, names=names).paths
    if not paths:
        fail(f"no path leads from {source.title} to that node, so there is none to mark")
    return max(paths, key=lambda path: abs(path.product))


def _check_output(output: Path | None, as_json: bool) -> None:
    if output is None:
        if as_json:
            fail("--json says what was drawn, and the picture needs a file: add -o out.svg")
        if is_terminal(sys.stdout):
            fail("say where the picture goes: -o out.svg, or .png, .pdf, .html, .dot")
        return
    if output.suffix.lower() not in SUFFIXES:
        fail(f"-o {output}: the ending says the kind of picture: {', '.join(SUFFIXES)}")
    if not output.parent.is_dir():
        fail(f"-o {output}: there is no folder {output.parent}")


def _deliver(picture: Any, output: Path | None, as_json: bool) -> None:
    if output is None:
        click.echo(printable(safe(picture.svg)))
        return
    try:
        picture.save(output)
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror or error}")
    if as_json:
        print_json(
            {
                "file": str(output),
                "title": picture.title,
                "description": picture.description,
                "notes": list(picture.notes),
                "width": picture.width,
                "height": picture.height,
            }
        )
        return
    say(f"drawn to {output}: {picture.title}, {picture.width} × {picture.height} pixels")
    for note in picture.notes:
        say(on_the_command_line(note))
