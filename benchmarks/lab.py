"""How long the lab takes to answer on the demo shop: each command of the tests' list, from the same beginning.

``python benchmarks/lab.py`` prints the slowest. Target: 50 ms each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kcnet.lab.opening import open_session  # noqa: E402
from kcnet.resources import demo  # noqa: E402

TARGET = 0.05
SHOWN = 12


def main() -> None:
    began = time.perf_counter()
    session = open_session([str(demo())], "shop")
    opened = time.perf_counter() - began
    assert session.beginning is not None
    texts = (ROOT / "tests" / "lab" / "commands.txt").read_text(encoding="utf-8").splitlines()
    lines = [text.replace("\\n", "\n") for text in texts if text]
    took: dict[str, float] = {}
    for _ in range(3):  # the first time pays for imports
        for line in lines:
            session.restore(session.beginning)
            session.ended = False
            before = time.perf_counter()
            session.run(line)
            took[line] = min(took.get(line, 60.0), time.perf_counter() - before)
    print(f"opened in {opened * 1000:.0f} ms; {len(lines)} commands")
    for line, seconds in sorted(took.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"{seconds * 1000:7.1f} ms {'' if seconds < TARGET else 'SLOW '} {line.splitlines()[0][:90]}")


if __name__ == "__main__":
    main()
