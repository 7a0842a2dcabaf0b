"""What the loader refuses has pages too."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import kcnet.loading
from kcnet import reasons
from kcnet.analysis import check, errors

CODE = re.compile(r"\"((?:API|SCHEMA|YAML|JSON|TEXT|INPUT|PASTE|NOT|CLUSTER)_[A-Z_]+)\"")
GIVEN = {
    code
    for path in Path(kcnet.loading.__path__[0]).rglob("*.py")
    for code in CODE.findall(path.read_text(encoding="utf-8"))
}


def test_each_code_that_the_loader_gives_has_a_page_and_each_page_its_code() -> None:
    assert set(errors.catalogue()) == GIVEN


def test_no_code_stands_in_two_catalogues() -> None:
    counted = Counter((*reasons.catalogue(), *check.catalogue(), *errors.catalogue()))
    assert set(counted.values()) == {1}
    assert len(errors.catalogue()) == sum(len(pages) for pages in errors.SUBJECTS.values())


@pytest.mark.parametrize("page", errors.catalogue().values(), ids=list(errors.catalogue()))
def test_each_page_says_something(page: errors.ErrorPage) -> None:
    assert not page.title.endswith(".")
    assert page.meaning.endswith(".")
    assert page.repair
    assert page.source.startswith("https://")
    for text in (page.title, page.meaning, page.repair):
        assert "  " not in text
