"""bash cuts what is typed at every colon and equals sign, so that a URL comes as three words: they are put together.

What is offered is then cut as bash cuts it, since bash puts it in place of what stands behind the last colon alone.
https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import NamedTuple

_BREAK = re.compile("[:=]+")


class Typed(NamedTuple):
    words: tuple[str, ...]
    at: int
    """Which of them is completed."""
    cut: str
    """What bash does not take to be a part of it."""


def joined(words: Sequence[str], at: int) -> Typed:
    """``http``, ``:``, ``//cart`` as one word. An option is never behind a colon, and none goes on with one."""
    found: list[str] = []
    place = 0
    for number, word in enumerate(words):
        if found and _goes_on(words, number):
            found[-1] += word
        else:
            found.append(word)
        if number == at:
            place = len(found) - 1
            break
    else:
        found.append("")
        place = len(found) - 1
    current = found[place]
    value = current.partition("=")[2] if current.startswith("--") else current
    return Typed(tuple(found), place, value[: value.rfind(":") + 1])


def _goes_on(words: Sequence[str], number: int) -> bool:
    before, word = words[number - 1], words[number]
    if _BREAK.fullmatch(word):
        return word[0] == "=" if before.startswith("-") else True
    return bool(_BREAK.fullmatch(before) and word and not word.startswith("-"))


@contextmanager
def completing() -> Iterator[None]:
    """What is completed inside sees whole words; bash sees what goes behind its last one."""
    given = os.environ.get("COMP_WORDS", "")
    words = given.split("\n" if "\n" in given else " ")
    typed = joined(words, int(os.environ.get("COMP_CWORD", len(words))))
    os.environ |= {"COMP_WORDS": "\n".join(typed.words), "COMP_CWORD": str(typed.at)}
    offered = io.StringIO()
    try:
        with redirect_stdout(offered):
            yield
    finally:
        for line in offered.getvalue().splitlines():
            sys.stdout.write(f"{line.removeprefix(typed.cut)}\n")
