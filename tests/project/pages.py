"""Commands on the project's own pages, with what they print. ``python -m tests.project.pages`` writes it anew.

A block that begins with ``console`` holds lines ``$ COMMAND``, each followed by its output at 80 columns, both streams
together. COMMAND is one of ``kcnet`` (perhaps with ``>/dev/null``), or ``echo $?`` for the exit status of the last one.
"""

from __future__ import annotations

import html
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from kcnet.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md")
PICTURE = ROOT / ".github" / "demo.svg"
PICTURE_COMMAND = "kcnet trace -n shop --from deploy/frontend --to http://cart/ -o svg"

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    page: str
    text: str

    @property
    def commands(self) -> list[str]:
        return [line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ ")]

    def __str__(self) -> str:
        return f"{self.page}: {self.commands[0] if self.commands else self.text[:40]}"


def blocks(page: str) -> list[Block]:
    return [Block(page, text) for text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))]


def printed(block: Block) -> str:
    """The block as it should stand: its commands, each with what it prints today."""
    status: int | None = None
    lines = []
    for command in block.commands:
        lines.append(f"$ {command}")
        if command == "echo $?":
            lines.append(str(status))
            continue
        status, output = run(command)
        lines += output.splitlines()
    return "".join(f"{line}\n" for line in lines)


def run(command: str) -> tuple[int, str]:
    """Exit status and output of a ``kcnet`` command, run in the folder of the repository."""
    words = shlex.split(command)
    if words[0] != "kcnet":
        raise ValueError(f"not a command of kcnet: {command}")
    unseen = words[-1] == ">/dev/null"
    with chdir(ROOT):
        result = CliRunner().invoke(
            app, words[1 : -1 if unseen else None], env={"COLUMNS": "80"}, catch_exceptions=False
        )
    return result.exit_code, result.stderr if unseen else result.output


def picture() -> str:
    with chdir(ROOT):
        return CliRunner().invoke(app, shlex.split(PICTURE_COMMAND)[1:], catch_exceptions=False).stdout


def words_of(svg: str) -> list[str]:
    """What a picture of a terminal says: how it is drawn differs between versions of Rich."""
    return " ".join(html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)).split()


def written_anew(page: str) -> str:
    return BLOCK.sub(
        lambda match: f"```console\n{printed(Block(page, match[1]))}```",
        (ROOT / page).read_text(encoding="utf-8"),
    )


def main() -> Iterator[str]:
    for page in PAGES:
        (ROOT / page).write_text(written_anew(page), encoding="utf-8")
        yield page
    PICTURE.write_text(picture(), encoding="utf-8")
    yield PICTURE.name


if __name__ == "__main__":
    sys.stdout.writelines(f"{name} is written\n" for name in main())
