"""What somebody probably meant: the nearest of the words that there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word that is most like ``word``; None if none is near."""
    known = sorted(set(known))
    found = get_close_matches(word[:80].lower(), known, n=1, cutoff=cutoff)
    return found[0] if found else None


def suggestion(word: str, known: Iterable[str], *, before: str = "") -> str:
    """``Did you mean X?``, or nothing."""
    found = nearest(word, known)
    return f"Did you mean {before}{found}?" if found else ""
