"""Ways as a tree: nothing is lost, whatever they have in common."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from kcnet.model.trace import Path, Step, Verdict
from kcnet.render.tree import Branch, tree
from tests.render import traces

STEPS = [
    traces.step(
        traces.Stage.ROUTE, traces.Action.MOVED, traces.NODE_1, f"CODE_{number % 3}", f"Step {number}.", traces.ASKED
    )
    for number in range(6)
]
WAYS = st.lists(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4).map(tuple), min_size=1, max_size=8)


def _leaves(branch: Branch, above: tuple[Step, ...] = ()) -> Iterator[tuple[Path, tuple[Step, ...]]]:
    steps = above + branch.steps
    if not branch.forks:
        for path in branch.paths:
            yield path, steps
    for fork in branch.forks:
        for one in (fork.first, *fork.alike):
            yield from _leaves(one, steps)


@given(WAYS)
def test_every_way_is_in_the_tree_with_all_its_steps(ways: list[tuple[Step, ...]]) -> None:
    paths = tuple(
        Path(verdict=Verdict.DELIVERED, reason=traces.reason("DELIVERED"), probability=1 / len(ways), steps=steps)
        for steps in ways
    )
    root = tree(paths)
    found = list(_leaves(root))
    assert sorted(map(id, (path for path, _ in found))) == sorted(map(id, paths))
    assert all(path.steps == steps for path, steps in found)
    assert abs(root.share - 1) < 1e-9


@given(WAYS)
def test_branches_of_one_shape_fold_into_one_fork(ways: list[tuple[Step, ...]]) -> None:
    paths = tuple(
        Path(verdict=Verdict.DELIVERED, reason=traces.reason("DELIVERED"), probability=1.0, steps=steps)
        for steps in ways
    )

    def check(branch: Branch) -> None:
        shapes = [fork.first.shape for fork in branch.forks]
        assert len(shapes) == len(set(shapes))
        for fork in branch.forks:
            assert all(one.shape == fork.first.shape for one in fork.alike)
            check(fork.first)

    check(tree(paths))
