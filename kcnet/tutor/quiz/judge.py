"""What an answer is worth, and what is said to it.

Options are judged by their places in the question, whatever the order in which they were shown. What is typed is judged
by meaning: a DNS name in any case and with or without its last dot, a number however it is written, a kubectl command
however its flags are. Other texts are values of Kubernetes, and those have their case. Where the question states a
cluster, commands and names are tried out on it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random
from typing import Final

from msgspec import Struct

from kcnet.tutor.quiz.question import Fill, Form, Question

_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?%?")

Answer = tuple[int, ...] | str
"""Places of options (of an order question all of them, in the order given), or what was typed."""


class Verdict(Struct, frozen=True):
    right: bool
    said: tuple[str, ...]
    """Why each wrong choice is wrong, or what was missed."""
    belief: str | None = None
    """The wrong model that the choice shows."""


class UnreadableError(Exception):
    """An answer that is none; the message says what one looks like."""


def shown(question: Question, seed: int, time: int = 0) -> tuple[int, ...]:
    """The places of the options in the order in which they are shown. Lines of a manifest stay where they are.

    The same ``seed``, question and ``time`` of showing give the same order.
    """
    places = list(range(len(question.options)))
    if question.form is Form.FAULT_LINE:
        return tuple(places)
    rng = Random(f"{seed} {question.id} {time}")
    rng.shuffle(places)
    while question.form is Form.ORDER and places == sorted(places):
        rng.shuffle(places)
    return tuple(places)


def judge(question: Question, answer: Answer) -> Verdict:
    """Raises UnreadableError where the answer is none to such a question."""
    if question.form is Form.FILL:
        if not isinstance(answer, str):
            raise UnreadableError("This question wants a text.")
        return _filled(question, answer)
    if isinstance(answer, str):
        raise UnreadableError("This question wants numbers of options.")
    if any(not 0 <= place < len(question.options) for place in answer) or len(set(answer)) != len(answer):
        raise UnreadableError(f"This question has the options 1 to {len(question.options)}, each to be named once.")
    if question.form is Form.ORDER:
        return _ordered(question, answer)
    if question.form is Form.MULTIPLE:
        return _several(question, answer)
    if len(answer) != 1:
        raise UnreadableError("This question has one answer.")
    chosen = question.options[answer[0]]
    return Verdict(chosen.correct, () if chosen.correct else (chosen.why,), chosen.belief)


def _ordered(question: Question, answer: tuple[int, ...]) -> Verdict:
    if len(answer) != len(question.options):
        raise UnreadableError(f"This question wants all {len(question.options)} in order.")
    # Two items may read alike; then either may come first.
    texts = [question.options[place].text for place in answer]
    wanted = [option.text for option in question.options]
    if texts == wanted:
        return Verdict(True, ())
    first = next(index for index, (one, other) in enumerate(zip(texts, wanted, strict=True)) if one != other)
    right = question.options[first]
    return Verdict(False, (f"{first + 1}. is: {right.text} {right.why}",))


def _several(question: Question, answer: tuple[int, ...]) -> Verdict:
    if not answer:
        raise UnreadableError("Choose at least one.")
    said = []
    belief = None
    for place, option in enumerate(question.options):
        if (place in answer) is option.correct:
            continue
        said.append(f"{option.text}: {option.why}" if place in answer else f"Missed: {option.text}. {option.why}")
        belief = belief or (option.belief if place in answer else None)
    return Verdict(not said, tuple(said), belief)


def _filled(question: Question, answer: str) -> Verdict:
    fill = question.fill
    assert fill is not None
    if not answer.strip():
        raise UnreadableError("Type an answer.")
    if any(same(fill.kind, answer, one) for one in fill.accept):
        return Verdict(True, ())
    tried = _tried(question, fill, _plain(answer))
    if tried == "":
        return Verdict(True, ())
    for text, why in fill.wrong:
        if same(fill.kind, answer, text):
            return Verdict(False, (why,))
    if fill.kind == "number" and _number(answer) is None:
        raise UnreadableError(f"{_plain(answer)} is no number: type it in digits, without its unit.")
    if fill.kind == "text" and any(_plain(answer).casefold() == _plain(one).casefold() for one in fill.accept):
        return Verdict(False, ("Kubernetes tells capital letters from small ones here.",))
    return Verdict(False, (tried or f"{fill.accept[0]} was asked for.",))


def _tried(question: Question, fill: Fill, answer: str) -> str | None:
    """What is wrong with an answer that was tried out; "" if nothing is, None if it cannot be tried."""
    from kcnet.loading.problems import InvalidManifestsError

    if not question.manifest or fill.kind not in ("command", "dns-name"):
        return None
    from kcnet.tutor.quiz import trial

    try:
        if fill.kind == "command":
            said = [trial.difference(question.manifest, fill.namespace, answer, one) for one in fill.accept]
            return "" if None in said else said[0]
        if not fill.source:
            return None
        wanted, found = (
            trial.stands_for(question.manifest, fill.source, fill.namespace, name) for name in (fill.accept[0], answer)
        )
    except InvalidManifestsError:
        return None
    if found and found == wanted:
        return ""
    return f"To {fill.source}, {answer} {'stands for something else' if found else 'has no address'}."


def same(kind: str, one: str, other: str) -> bool:
    """Whether what was typed means what another text means."""
    first, second = _plain(one), _plain(other)
    if first == second:
        return True
    if kind == "dns-name":
        return _name(first) == _name(second)
    if kind in ("number", "port"):
        number = _number(first)
        return number is not None and number == _number(second)
    if kind == "command":
        from kcnet.tutor.quiz.commands import same_command

        return same_command(first, second)
    return False


def _plain(text: str) -> str:
    """Without the spaces and quotes that one pastes along."""
    text = " ".join(text.split())
    if len(text) > 1 and text[0] == text[-1] and text[0] in "`'\"":
        text = text[1:-1].strip()
    return text


def _name(text: str) -> str:
    text = text.casefold().removeprefix("http://").removeprefix("https://").rstrip("/")
    return text.removesuffix(".")


def _number(text: str) -> Fraction | None:
    text = text.replace(" ", "").casefold().removesuffix("/tcp").removesuffix("/udp").removeprefix(":")
    text = text.replace("percent", "%")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    percent = text.endswith("%")
    try:
        return Fraction(text.removesuffix("%")) / (100 if percent else 1)
    except (ValueError, ZeroDivisionError):
        return None
