"""What is known of the KCNA exam, and where from. Every text of kcnet takes its figures from here.

The Linux Foundation may change them at any time; those marked as reported are what several guides say alike.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kcnet.tutor.subjects import DOMAINS


class Fact(NamedTuple):
    value: int
    source: str
    read: str
    """The date of the source, or when it was read."""
    reported: bool = False
    """Second-hand: no page of the exam's own says it."""


QUESTIONS: Final = Fact(60, "guides of people who sat it say about 60, some 65", "2026-07-31", reported=True)
MINUTES: Final = Fact(90, "guides of people who sat it", "2026-07-31", reported=True)
PASS_MARK: Final = Fact(75, "guides of people who sat it; percent of the points", "2026-07-31", reported=True)
WEIGHTS: Final = {domain: Fact(weight, "https://github.com/cncf/curriculum", "2025-11-24")
                  for domain, (weight, _) in DOMAINS.items()}  # fmt: skip


def share(competency: str = "Networking") -> float:
    """Percent of the KCNA, if the competencies of a domain weigh the same; the curriculum does not say that they do."""
    return next((weight / len(names) for weight, names in DOMAINS.values() if competency in names), 0.0)


SCOPE: Final = (
    f"Networking only: about {share():.0f} % of the KCNA, if the competencies of its domain weigh the same. "
    f"Format as reported of the KCNA: about {QUESTIONS.value} questions, {MINUTES.value} minutes, "
    f"{PASS_MARK.value} % to pass."
)
