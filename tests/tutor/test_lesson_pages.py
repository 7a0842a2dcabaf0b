"""What is said to answers, and to a lesson that meets a sandbox it cannot use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kcnet.render.screen import Row, Screen, laid_out
from kcnet.tutor import pages
from kcnet.tutor.autodesk import AutoDesk
from kcnet.tutor.desk import Chosen, Keys, Pressed, Typed
from kcnet.tutor.goals import Failure
from kcnet.tutor.lesson import Lesson
from kcnet.tutor.teach import teach
from tests.tutor import small


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    return small.lesson(tmp_path_factory.mktemp("lessons"))


def shown(rows: list[Row]) -> str:
    return "\n".join(laid_out(Screen(), rows))


def test_a_miss_has_the_authors_words_and_one_counterexample() -> None:
    failure = Failure({"else": "The `cart` is gone."}, "a → b times out; it must arrive.")
    assert shown(pages.missed(failure)) == "✘ Not yet. The cart is gone.\n  a → b times out; it must arrive."


def test_a_hint_says_which_of_how_many() -> None:
    assert shown(pages.hint(2, 3, "Look at `spec`.")) == "hint 2 of 3: Look at spec."


def test_success_tells_what_else_changed(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line("kubectl delete pod other -n default")
    play.line("kubectl run extra -n default --image=nginxinc/nginx-unprivileged:1.27 --port=8080 --expose")
    told = shown(pages.passed(play.changes()))
    assert "What else changed:" in told
    assert "every pod → default/extra:8080 arrives; it could not be asked before" in told
    assert shown(pages.passed([])).endswith("Nothing else changed between workloads and Services.")
    assert "changed" not in shown(pages.passed(None))


def test_an_object_is_shown_as_it_is_now(lesson: Lesson) -> None:
    play = small.play(lesson, at="look")
    play.session.run("kubectl set selector svc web app=changed")
    assert "app: changed" in shown(pages.shown(play.step, play))  # type: ignore[arg-type]


def test_lines_of_a_manifest_are_numbered_and_marked(tmp_path: Path) -> None:
    text = small.LESSON.replace(
        "{object: svc/web, fields: [spec.selector]}", "{file: small.yaml, lines: [1, 3], mark: [2]}"
    )
    play = small.play(small.lesson(tmp_path, text), at="look")
    lines = shown(pages.shown(play.step, play)).splitlines()  # type: ignore[arg-type]
    assert lines == ["small.yaml", "  1 │ apiVersion: v1", "▸ 2 │ kind: Namespace", "  3 │ metadata: {name: shop}"]


def test_an_object_that_is_gone(lesson: Lesson) -> None:
    play = small.play(lesson, at="look")
    play.session.run("kubectl delete svc web")
    assert "no svc/web in the sandbox any more" in shown(pages.shown(play.step, play))  # type: ignore[arg-type]


def test_a_trace_that_cannot_be_asked_is_told_and_can_be_left(tmp_path: Path) -> None:
    text = small.LESSON.replace("trace: {from: client,", "trace: {from: nobody,")
    play = small.play(small.lesson(tmp_path, text))
    said: list[str] = []
    assert teach(play, AutoDesk(play, Screen(), said.append), lambda _: None)
    assert "There is no pod or workload nobody" in " ".join("".join(said).split())
    assert play.progress.record("watch").state == "skipped"


def test_the_way_of_one_of_several_alike(lesson: Lesson) -> None:
    play = small.play(lesson, at="watch")
    play.session.run("kubectl label pod client app=web --overwrite")
    play.session.run("kubectl annotate pod client kcnet/listens=8080")
    trace = play.trace(play.step.ask)  # type: ignore[union-attr]
    only, said = pages.followed(trace)
    assert len(only.paths) == 1
    assert said == "That was one of 2 ways; the other is like it."


def test_ways_that_end_differently_are_all_shown(lesson: Lesson) -> None:
    play = small.play(lesson, at="watch")
    play.session.run("kubectl label pod client app=web --overwrite")
    trace = play.trace(play.step.ask)  # type: ignore[union-attr]
    assert pages.followed(trace) == (trace, "")


def test_what_was_right_of_an_order_need_not_be_given_again(lesson: Lesson) -> None:
    play = small.play(lesson, at="order")
    offered: list[tuple[int, ...]] = []
    right = tuple(play.shuffled().index(one) for one in play.stations())

    class Desk(AutoDesk):
        def put_in_order(
            self, question: Sequence[Row], options: Sequence[str], keys: Keys, **more: Any
        ) -> Chosen | Pressed:
            offered.append(tuple(more["picked"]))
            # The last two are the wrong way round at first.
            return Chosen(right if len(offered) > 1 else (*right[:-2], right[-1], right[-2]))

    assert teach(play, Desk(play, Screen(), lambda _: None), lambda _: None)
    assert offered == [(), right[:-2]]


def test_one_empty_line_is_enough(lesson: Lesson) -> None:
    play = small.play(lesson)
    said: list[str] = []
    assert teach(play, AutoDesk(play, Screen(), said.append), lambda _: None)
    assert "\n\n\n" not in "".join(said)


class Typist(AutoDesk):
    """Types these lines before the right ones."""

    first: Sequence[str] = ()

    def type(self, question: Sequence[Row], prompt: str, keys: Keys, **more: Any) -> Typed | Pressed:
        if self.first:
            self.show(question)
            line, *self.first = self.first
            self.print(f"{prompt}{line}\n")
            return Typed(line)
        return super().type(question, prompt, keys, **more)


@pytest.mark.parametrize(
    ("line", "said"),
    [("s", ":s is skip"), ("back", ":p is previous"), ("Quit", ":q is quit"), ("?", ":? is hint"), ("hint", ":? is hint")],
)  # fmt: skip
def test_a_key_without_its_colon_is_told_and_is_no_attempt(line: str, said: str, lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    shown: list[str] = []
    desk = Typist(play, Screen(), shown.append)
    desk.first = [line]
    assert teach(play, desk, lambda _: None)
    assert f"Here a key has a colon before it: {said}." in "".join(shown)
    assert play.progress.record("type").tries == 0


def test_a_solution_is_not_repeated_to_whoever_typed_it(lesson: Lesson) -> None:
    for first, told in (((), False), (('kubectl patch svc web -p \'{"spec": {"selector": {"app": "web"}}}\'',), True)):
        play = small.play(lesson, at="mend")
        shown: list[str] = []
        desk = Typist(play, Screen(), shown.append)
        desk.first = first
        assert teach(play, desk, lambda _: None)
        assert ("One solution:" in "".join(shown)) is told


def test_a_solution_can_be_copied() -> None:
    line = "kubectl create service externalname catalog --external-name=catalog.kiosk.svc.cluster.local -n press"
    assert shown(pages.solution([line, "cat <<'EOF'\nkind: Pod\nEOF"])).splitlines() == [
        "One solution:",
        line,
        "cat <<'EOF'",
        "kind: Pod",
        "EOF",
    ]


def test_annotations_are_part_of_what_is_looked_at(lesson: Lesson, tmp_path: Path) -> None:
    text = small.LESSON.replace("show: {object: svc/web, fields: [spec.selector]}", "show: {object: svc/web}")
    play = small.play(small.lesson(tmp_path, text), at="look")
    play.session.run("kubectl annotate svc web example.com/owner=team kcnet/listens=80")
    lines = shown(pages.shown(play.step, play))  # type: ignore[arg-type]
    assert "example.com/owner: team" in lines
    assert "kcnet/listens" not in lines


def test_nothing_is_taken_for_granted_in_a_sandbox(lesson: Lesson) -> None:
    play = small.play(lesson)
    said: list[str] = []
    assert teach(play, AutoDesk(play, Screen(), said.append), lambda _: None)
    assert "assumed" not in "".join(said)
