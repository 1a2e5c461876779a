"""`slopewise help SW104`: a diagnosis, an exception or a command, explained."""

import difflib
import inspect
from typing import TYPE_CHECKING, Any

import click

from slopewise.cli.documents import print_document
from slopewise.cli.json_output import print_json
from slopewise.cli.terminal import fail, plain_option

if TYPE_CHECKING:
    from slopewise.doctor.diagnosis import Diagnosis
    from slopewise.stories.document import Block


@click.command("help", epilog="Exit code: 0 when the topic is known, 2 when it is not.")
@click.argument("topic", required=False)
@click.option("--json", "to_json", is_flag=True, help="Print it as JSON.")
@plain_option
@click.pass_context
def help_topic(ctx: click.Context, topic: str | None, to_json: bool) -> None:
    """Explain a diagnosis, an error or a command.

    TOPIC is the code of a diagnosis, such as SW104, the name of an exception, such as DomainError, or a command.
    Without a topic, all of them are listed.

    \b
    slopewise help SW104
    slopewise help DomainError
    slopewise help draw
    """
    import slopewise.errors
    from slopewise.doctor.catalogue import DIAGNOSES

    group = ctx.parent.command if ctx.parent is not None else None
    commands = group.list_commands(ctx) if isinstance(group, click.Group) else []
    errors = [name for name in slopewise.errors.__all__ if isinstance(getattr(slopewise.errors, name), type)]
    if topic is None:
        show_topics(to_json, commands, errors)
        return
    by_title = {kind.title: code for code, kind in DIAGNOSES.items()}
    wanted = by_title.get(topic, topic)
    if wanted.upper() in DIAGNOSES:
        show_diagnosis(DIAGNOSES[wanted.upper()], to_json)
    elif (error := next((name for name in errors if name.lower() == wanted.lower()), None)) is not None:
        show_error(getattr(slopewise.errors, error), to_json)
    elif isinstance(group, click.Group) and wanted in commands:
        show_command(group, wanted, ctx, to_json)
    else:
        near = [code for code in DIAGNOSES if len(topic) > 2 and code.startswith(topic.upper())][:1]
        near = near or difflib.get_close_matches(topic.upper(), DIAGNOSES, 1, 0.75)
        near = near or difflib.get_close_matches(topic, [*errors, *commands], 1)
        hint = f"did you mean {near[0]!r}?" if near else "slopewise help lists all topics"
        fail(f"no help on {topic!r}; {hint}")


def show_topics(to_json: bool, commands: list[str], errors: list[str]) -> None:
    """List every topic."""
    from slopewise.doctor.catalogue import DIAGNOSES
    from slopewise.stories.document import Document, Heading, Paragraph, Table

    if to_json:
        print_json({
            "diagnoses": [{"code": c, "level": k.level, "title": k.title} for c, k in DIAGNOSES.items()],
            "errors": errors,
            "commands": commands,
        })  # fmt: skip
        return
    rows = tuple((code, kind.level, kind.title) for code, kind in DIAGNOSES.items())
    blocks = (
        Heading("slopewise help TOPIC", 1),
        Paragraph(("Commands: " + ", ".join(commands),)),
        Paragraph(("Errors: " + ", ".join(errors),)),
        Heading("What slopewise doctor can find", 2),
        Table(("code", "level", "what"), rows),
    )
    print_document(Document(blocks))


def show_diagnosis(kind: "type[Diagnosis]", to_json: bool) -> None:
    """Explain one kind of diagnosis."""
    from slopewise.stories.document import Bullets, Document, Heading, Paragraph, Span, Table

    found = description(kind)
    if to_json:
        print_json(found)
        return
    tone: Any = {"mistake": "bad", "warning": "strong", "note": "quiet"}[kind.level]
    blocks: list[Block] = [
        Heading(f"{kind.code}: {kind.title}", 1),
        Paragraph((Span(kind.level, tone), f": {LEVEL_MEANINGS[kind.level]}. {found['what']}")),
        Bullets(((f"why: {kind.why}",), (f"cure: {kind.cure}",))),
    ]
    for title, code in (("With the fault", kind.wrong), ("Mended", kind.right)):
        if code:
            blocks.append(Heading(title, 2))
            blocks.append(Table((), tuple((Span(_indented(line), "code"),) for line in code.split("\n"))))
    print_document(Document(tuple(blocks)))


LEVEL_MEANINGS = {
    "mistake": "the code is wrong",
    "warning": "training is harmed",
    "note": "true, and often harmless",
}


def description(kind: "type[Diagnosis]") -> dict[str, str]:
    """Return what is the same each time about a kind of diagnosis."""
    return {
        "code": kind.code,
        "level": kind.level,
        "title": kind.title,
        "what": (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " "),
        "why": kind.why,
        "cure": kind.cure,
        "wrong": kind.wrong,
        "right": kind.right,
    }


def _indented(line: str) -> str:
    """Keep a line of code from being laid out as running text: its blanks do not break."""
    return "\u00a0\u00a0" + line.replace(" ", "\u00a0")


def show_error(cls: type, to_json: bool) -> None:
    """Explain one exception, by its docstring."""
    bases = [base.__name__ for base in cls.__bases__]
    text = inspect.getdoc(cls) or ""
    if to_json:
        print_json({"error": cls.__name__, "bases": bases, "help": text})
        return
    click.echo(f"{cls.__name__} ({', '.join(bases)})\n\n{text}")


def show_command(group: click.Group, name: str, ctx: click.Context, to_json: bool) -> None:
    """Show the help of a command."""
    command = group.get_command(ctx, name)
    assert command is not None  # the name comes from the group's own list
    inner = click.Context(command, info_name=f"slopewise {name}")
    text = command.get_help(inner)
    if to_json:
        print_json({"command": name, "help": text})
        return
    click.echo(text)
