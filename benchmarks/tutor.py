"""How long the quiz keeps a learner waiting: to the first question, and with a long memory.

``python benchmarks/tutor.py`` prints both. Targets: the first question within 4 times what ``import typer`` takes;
with 100,000 reviews logged nothing takes more than 0.2 s longer than with none.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kcnet.tutor.progress import utc_now  # noqa: E402
from kcnet.tutor.quiz import memory, schedule  # noqa: E402
from kcnet.tutor.quiz.bank import read_bank  # noqa: E402
from kcnet.tutor.quiz.schedule import Grade  # noqa: E402
from kcnet.tutor.storage import open_store  # noqa: E402

RATIO = 4
FELT = 0.2
REVIEWS = 100_000
DAYS = 1000
TIMES = 5
KCNET = [sys.executable, "-m", "kcnet"]
FIRST = [*KCNET, "quiz"]
TYPER = [sys.executable, "-c", "import typer"]
LONG = {
    "kcnet progress": [*KCNET, "progress"],
    "kcnet quiz --forecast": [*KCNET, "quiz", "--forecast"],
    "kcnet quiz, no answer": FIRST,
}


def fill(folder: Path) -> None:
    """A learner of years: the whole bank again and again, the last month as busy as the others."""
    rng = Random(1)
    questions = read_bank()
    now = utc_now()
    with open_store(folder) as store, store.transaction() as database:
        for question in questions:
            review = memory.Review(card=question.id, revision=1, topic=question.topic, mode="quiz", correct=True)
            memory.add(store, review, now - timedelta(days=DAYS), rating=Grade.GOOD)
        database.executemany(
            "INSERT INTO reviews VALUES (?, ?, ?, 1, ?, 'quiz', 3, ?, 1, 0.25, '[0]', NULL, 9000, 1)",
            (
                (
                    f"{number:032x}",
                    memory.stamp(now - timedelta(days=rng.uniform(0, DAYS))),
                    (question := rng.choice(questions)).id,
                    question.topic,
                    rng.random() < 0.9,
                )
                for number in range(REVIEWS - len(questions))
            ),
        )


def once(command: list[str], environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return time.perf_counter() - began


def best(command: list[str], environment: Mapping[str, str]) -> float:
    return min(once(command, environment) for _ in range(TIMES))


def answer(folder: Path) -> float:
    """One answer kept: the second, since the first pays for imports."""
    question = read_bank()[0]
    review = memory.Review(card=question.id, revision=1, topic=question.topic, mode="quiz", correct=True)
    took = 60.0
    with open_store(folder) as store:
        for _ in range(TIMES):
            began = time.perf_counter()
            memory.add(store, review, utc_now(), rating=schedule.grade(right=True, sure=True))
            took = min(took, time.perf_counter() - began)
    return took


def line(what: str, empty: float, long: float) -> str:
    slow = "" if long - empty < FELT else "SLOW"
    return f"{what:24} {empty * 1000:8.1f} ms empty {long * 1000:8.1f} ms with {REVIEWS:,} reviews {slow}"


def main() -> None:
    with TemporaryDirectory() as folder:
        empty, long = (Path(folder) / name for name in ("empty", "long"))
        homes = [{**os.environ, "KCNET_HOME": str(place)} for place in (empty, long)]
        fill(long)
        best(FIRST, homes[0])  # the bank's cache is written once
        base, first = best(TYPER, homes[0]), best(FIRST, homes[0])
        print(f"import typer {base * 1000:.0f} ms; first question {first * 1000:.0f} ms: {first / base:.1f} times "
              f"{'' if first < RATIO * base else 'SLOW'}")  # fmt: skip
        for what, command in LONG.items():
            rounds = [[once(command, home) for home in homes] for _ in range(TIMES)]  # in turn: others are busy too
            print(line(what, *map(min, zip(*rounds, strict=True))))
        print(line("one answer", answer(empty), answer(long)))


if __name__ == "__main__":
    main()
