"""A quiz played in the terminal, or with answers from a pipe."""

import re
import sys
from typing import TYPE_CHECKING

import click

from slopewise.cli.documents import print_document
from slopewise.cli.terminal import fail, is_coloured, is_terminal, printable, safe, say, width_of
from slopewise.errors import AnswerError, DomainError

if TYPE_CHECKING:
    from slopewise.quizzes.quiz_play import Quiz

_ASSIGNED = re.compile(r"\s*(?P<name>[^=≈]+?)\s*(?:=|≈)(?P<answer>[^=].*)", re.DOTALL)
_HELP = "answer with a number such as −3, -6 + 3 or 2/3; or type ? for a hint, skip, show, tell, quit"
_LONGEST = 1_000

_WORDS = {
    "?": "hint", "hint": "hint", "h": "hint", "skip": "skip", "s": "skip", "next": "skip", "show": "show",
    "tell": "tell", "reveal": "tell", "answer": "tell", "quit": "quit", "q": "quit", "exit": "quit", "stop": "quit",
    "help": "help", "??": "hint",
}  # fmt: skip


def play(quiz: "Quiz", *, silent: bool = False) -> bool:
    """Ask until all is answered, the player quits, or the input ends.

    Args:
        quiz: The quiz.
        silent: Take answers from a pipe and say nothing; from a terminal, ask nothing at all.

    Returns:
        Whether every blank was answered or shown.
    """
    return _Game(quiz, silent).run()


class _Game:
    def __init__(self, quiz: "Quiz", silent: bool) -> None:
        self.quiz = quiz
        self.silent = silent
        self.echoes = not is_terminal(sys.stdin)
        self.waiting = list(quiz.remaining)
        self.ending = ".grad" if quiz.blank == "gradients" else ""

    def run(self) -> bool:
        if self.silent and not self.echoes:
            return self.quiz.finished
        self._show()
        self._say(_HELP, "quiet")
        try:
            while self.waiting:
                typed = self._ask()
                if typed is None or not self._handle(typed.strip()):
                    break
        except KeyboardInterrupt:
            self._say("")
            self._end()
            raise
        self._end()
        return self.quiz.finished

    # ------------------------------------------------------------------ one question

    def _ask(self) -> str | None:
        """Return the next line, None at the end of the input."""
        name = self.waiting[0]
        count = len(self.quiz.blanks)
        prompt = f"{count - len(self.waiting) + 1}/{count}  {name}{self.ending} = "
        if not self.silent:
            click.echo(printable(safe(prompt)), nl=False)
        try:
            line = sys.stdin.readline(_LONGEST)
        except UnicodeDecodeError as error:
            fail(f"the standard input is not {error.encoding}: {error.reason} at byte {error.start}")
        if not line:
            self._say("")
            return None
        if self.echoes:
            self._say(line.rstrip("\r\n"))
        return line

    def _handle(self, typed: str) -> bool:
        """Do what was typed; return whether to go on."""
        name = self.waiting[0]
        match _WORDS.get(typed.lower()):
            case "hint":
                hint = self.quiz.hint(name)
                self._say(hint.text, "quiet")
                if hint.is_working:
                    self.waiting.remove(name)
            case "skip":
                self.waiting.append(self.waiting.pop(0))
                if len(self.waiting) == 1:
                    self._say("this is the last one: answer it, or type tell or quit", "quiet")
            case "show":
                self._show()
            case "tell":
                for shown in self.quiz.reveal(name):
                    self._say(shown.text, "quiet")
                self.waiting.remove(name)
            case "quit":
                return False
            case "help":
                self._say(_HELP, "quiet")
            case _:
                if typed:
                    self._answer(name, typed)
                else:
                    self._say(_HELP, "quiet")
        return True

    def _answer(self, name: str, typed: str) -> None:
        assigned = _ASSIGNED.fullmatch(typed)
        if assigned:  # `b = 3` answers b, whichever was asked
            given = re.sub(r"\.(grad|data)$", "", assigned["name"])
            if given in self.waiting:
                name, typed = given, assigned["answer"]
        try:
            reply = self.quiz.answer(name, typed)
        except AnswerError as error:
            self._say(str(error), "bad")
            return
        except DomainError as error:
            self._say(str(error).replace("\n", "; "), "bad")
            return
        self._say(reply.verdict if reply.is_right else f"{reply.verdict}; ? gives a hint", _tone(reply.is_right))
        if reply.is_right:
            self.waiting.remove(name)

    # ------------------------------------------------------------------ saying

    def _show(self) -> None:
        if not self.silent:
            print_document(self.quiz.page(calls=False))

    def _end(self) -> None:
        if self.quiz.finished:
            self._say("")
            self._show()
        else:
            self._say(f"ended with {len(self.quiz.remaining)} open: {', '.join(self.quiz.remaining)}", "quiet")
            self._say(self.quiz.score.text)

    def _say(self, text: str, tone: str = "") -> None:
        if self.silent:
            return
        if not tone or not is_coloured():
            say(_wrapped(text))
            return
        colours = {"good": {"fg": "green"}, "bad": {"fg": "red"}, "quiet": {"dim": True}}
        style = colours[tone]
        click.echo(click.style(printable(safe(_wrapped(text))), **style))  # type: ignore[arg-type]


def _tone(is_right: bool) -> str:
    return "good" if is_right else "bad"


def _wrapped(text: str) -> str:
    import textwrap

    width = max(20, min(width_of(), 110))
    return "\n".join(
        line if len(line) <= width or line.startswith("   ") else textwrap.fill(line, width, break_long_words=False)
        for line in text.split("\n")
    )
