"""Where a character of a text of many lines stands in its file."""

from __future__ import annotations

import pytest

from kcnet.analysis.blockscalar import position_within
from tests.analysis.check.cases import subject_of

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"

WRITTEN = [
    ("literal", "  a.conf: |\n    one\n\n      two word\n", "word", (8, 11)),
    ("without the last line break", "  a.conf: |-\n    one\n    word\n", "word", (7, 5)),
    ("with a comment", "  a.conf: |  # settings\n    word\n", "word", (6, 5)),
    ("with an indentation of its own", "  a.conf: |2\n     word\n", "word", (6, 6)),
    ("blank lines before", "  a.conf: |\n\n\n    word\n", "word", (8, 5)),
    ("a key before it", "  b: |\n    word\n  a.conf: |\n    word\n", "word", (8, 5)),
    ("the same line twice", "  a.conf: |\n    x\n    word\n    x\n    last\n", "last", (9, 5)),
    ("with carriage returns", "  a.conf: |\r\n    one\r\n    word\r\n", "word", (7, 5)),
    ("folded", "  a.conf: >\n    one\n    word\n", "word", None),
    ("quoted", '  a.conf: "one\\nword\\n"\n', "word", None),
    ("quoted over lines", '  a.conf: "one\n\n    word"\n', "word", None),
]


@pytest.mark.parametrize(("why", "data", "word", "place"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_a_word_of_a_value(why: str, data: str, word: str, place: tuple[int, int] | None) -> None:
    (found,) = subject_of(HEAD + data).manifests.config_maps
    assert found.ref.origin is not None
    text = found.data["a.conf"]
    assert position_within(found.ref.origin, "data[a.conf]", text, text.index(word)) == place, why


def test_in_a_list() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a\n    args:\n"
    (found,) = subject_of(pod + "    - -c\n    - |\n      one\n      word\n").manifests.pods
    assert found.ref.origin is not None
    argument = found.spec.args[1]
    place = position_within(found.ref.origin, argument.field, argument.text, argument.text.index("word"))
    assert place == (12, 7)
