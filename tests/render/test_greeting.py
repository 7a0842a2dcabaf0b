"""The first screen that a newcomer meets."""

from __future__ import annotations

from itertools import pairwise

from kcnet.cli.app import COMMANDS
from kcnet.render.greeting import greeting
from kcnet.render.screen import Screen


def test_it_fits_a_small_terminal_with_a_prompt_above_and_below() -> None:
    lines = greeting(Screen(80)).splitlines()
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80


def test_it_names_every_way_to_begin() -> None:
    words = greeting(Screen(80)).split()
    named = {after for before, after in pairwise(words) if before == "kcnet"}
    assert named >= {"learn", "lab", "quiz", "exam", "trace", "check", "reach"}
    assert named - {"teaches", "asks", "--help"} <= set(COMMANDS)
