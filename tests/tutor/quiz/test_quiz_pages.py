"""What is shown of questions: nothing of an option is lost, and a request can be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

import kcnet
from kcnet.render.screen import Row
from kcnet.tutor.quiz import pages
from kcnet.tutor.quiz.bank import read_bank
from kcnet.tutor.quiz.fresh import fresh, on_own
from kcnet.tutor.quiz.question import Form, Question
from kcnet.tutor.quiz.sitting import traced

SHOP = Path(__file__).resolve().parents[3] / "manifests" / "shop"
CHOICES = [one for one in (*read_bank(), *fresh(1, 20)) if one.options and one.form is not Form.FAULT_LINE]


def said(rows: list[Row]) -> str:
    return "\n".join("".join(span for span, _ in row.text) for row in rows)


@pytest.mark.parametrize("question", CHOICES, ids=lambda question: question.id)
def test_an_option_is_shown_whole_with_its_code(question: Question) -> None:
    places = range(len(question.options))
    assert pages.options(question, places) == [one.text.replace("`", "") for one in question.options]


def test_a_line_at_fault_is_shown_with_its_number_and_as_it_stands() -> None:
    question = next(one for one in read_bank() if one.form is Form.FAULT_LINE)
    place = question.right[0]
    option = question.options[place]
    assert pages.options(question, [place]) == [f"line {option.line}: {option.text}"]
    assert option.text.strip() in pages.right(question)[0]


def test_why_each_follows_the_order_of_the_screen() -> None:
    question = next(one for one in CHOICES if one.form is Form.SINGLE)
    backwards = tuple(reversed(range(len(question.options))))
    texts = [pages.options(question, [place])[0] for place in backwards]
    shown = said(pages.others(question, backwards))
    assert sorted(texts, key=shown.index) == texts


def test_questions_about_ones_own_cluster_are_traced_through_it() -> None:
    cluster = kcnet.load([str(SHOP)])
    asking = [one for one in on_own(cluster, "", 1, 20) if one.ask is not None]
    assert asking
    for question in asking:
        assert not question.manifest
        assert said(list(traced(question, cluster)))


@pytest.mark.parametrize("question", CHOICES, ids=lambda question: question.id)
def test_how_to_answer_is_said_once(question: Question) -> None:
    page = said(pages.asked(question)).lower()
    assert page.count("choose all") == (question.form is Form.MULTIPLE)
