"""A lesson in play: answers, help, going back, resuming, and what the sandbox is like all the while."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kcnet.tutor import progress
from kcnet.tutor.lesson import Lesson
from kcnet.tutor.play import Play
from kcnet.tutor.progress import Progress
from kcnet.tutor.storage import open_store
from tests.tutor import small

BREAK = "kubectl set selector svc web app=wep"
MEND = "kubectl set selector svc web app=web"


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    return small.lesson(tmp_path_factory.mktemp("lessons"))


def selector(play: Play) -> str:
    return play.session.run("kubectl get svc web -n shop -o jsonpath='{.spec.selector.app}'").stdout


# Moving


def test_reading_on_is_doing(lesson: Lesson) -> None:
    play = small.play(lesson)
    assert play.step.id == "hello"
    assert play.next()
    assert play.progress.record("hello").state == "done"
    assert play.progress.step == "look"


@pytest.mark.parametrize("step", ["guess", "type", "mend", "order"])
def test_what_asks_waits_for_its_answer(lesson: Lesson, step: str) -> None:
    play = small.play(lesson, at=step)
    assert not play.next()
    assert play.step.id == step
    assert not play.done


def test_skipping_gives_no_credit(lesson: Lesson) -> None:
    play = small.play(lesson, at="order")
    assert play.skip()
    assert play.progress.record("order").state == "skipped"
    assert not play.passed


def test_a_skipped_task_is_solved_so_that_the_next_steps_make_sense(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    assert selector(play) == "wep"
    play.skip()
    assert selector(play) == "web"
    assert len(play.choices()) == 3


def test_back_at_the_first_step_stays(lesson: Lesson) -> None:
    play = small.play(lesson)
    assert not play.back()
    assert play.step.id == "hello"


def test_going_back_the_sandbox_is_as_it_was_there(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line(MEND)
    play.next()
    assert selector(play) == "web"
    play.back()
    assert play.done
    assert selector(play) == "web"
    play.back()
    assert play.step.id == "type"
    assert selector(play) == "web", "the setup of the task has not run yet"
    play.next()
    assert play.step.id == "mend"
    assert selector(play) == "web", "what was typed there is typed again"


def test_restarting_a_step(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line(MEND)
    play.hint()
    play.restart()
    assert not play.done
    assert selector(play) == "wep"
    assert play.record.hints == 1, "hints stay readable"


def test_the_end(lesson: Lesson) -> None:
    play = small.play(lesson, at="cards")
    assert not play.over
    assert not play.next()
    assert play.over
    assert not play.passed


# Tasks


def test_any_command_that_does_it(lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    reply = play.line("kubectl get all")
    assert reply.passed
    assert play.next()


def test_a_miss_says_what_the_author_says(lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    reply = play.line("kubectl get pods")
    assert reply.failure is not None
    assert reply.failure.message == "That shows no Service."
    assert reply.outcome.stdout.startswith("NAME")
    assert play.record.tries == 1


def test_looking_around_is_no_try(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    reply = play.line("kubectl get svc web -o yaml")
    assert reply.failure is None
    assert not reply.passed
    assert play.record.tries == 0


def test_a_change_that_does_not_mend_gives_a_counterexample(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    reply = play.line("kubectl set selector svc web app=client")
    assert reply.failure is not None
    assert reply.failure.id == "pods"
    assert "shop/client is an endpoint" in reply.failure.counterexample


def test_asking_to_be_judged(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    reply = play.line("check")
    assert reply.failure is not None
    assert play.progress.journal.get("mend", ()) == ()


def test_undo_and_reset_stay_within_the_step(lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    play.line("kubectl annotate svc web a=b")
    play.skip()
    assert play.step.id == "mend"
    assert play.line("undo").outcome.status != 0, "there is nothing to undo in this step"
    play.line("kubectl delete svc web")
    play.line("reset")
    assert selector(play) == "wep"


def test_lines_after_the_end_of_a_task_are_not_judged(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    assert play.line(MEND).passed
    assert play.line(BREAK).failure is None
    assert play.done


def test_leaving_the_shell(lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    assert play.line("exit").left


def test_what_else_changed(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line("kubectl delete svc web")
    assert play.line("kubectl expose pod web --port=80 --target-port=8080 --type=NodePort").passed
    told = [str(change) for change in play.changes()]
    assert any("internet → shop/web at its node port" in one for one in told), told


def test_nothing_else_changed(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line(MEND)
    told = [str(change) for change in play.changes()]
    assert not any("client → shop/web:80" in one for one in told), "the task itself is not told"


def test_commands_are_counted(tmp_path: Path) -> None:
    counted = small.lesson(
        tmp_path, small.LESSON.replace("      task: The Service finds", "      par: 2\n      task: The Service finds")
    )
    play = small.play(counted, at="mend")
    play.line("kubectl get svc")
    play.line("check")
    play.line(MEND)
    assert play.commands == 2
    assert getattr(play.step, "par", None) == 2


# Help


def test_hints_are_counted_and_stay(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    assert play.hint() == (1, "Look at the selector.")
    assert play.hint() == (2, "It has a slip.")
    assert play.hint() == (2, "It has a slip.")
    assert play.record.hints == 2


def test_no_hint_where_there_is_none(lesson: Lesson) -> None:
    assert small.play(lesson, at="guess").hint() is None


def test_asking_for_the_solution_is_remembered(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    assert play.solution() == (MEND,)
    assert play.record.solution
    assert not play.done


def test_looking_at_it_after_success_is_not(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line(MEND)
    play.solution()
    assert not play.record.solution


# Predictions and orders


def test_one_choice_is_right_and_the_order_is_always_the_same(lesson: Lesson) -> None:
    play = small.play(lesson, at="guess")
    first = play.choices()
    assert [choice.correct for choice in first].count(True) == 1
    assert small.play(lesson, at="guess").choices() == first


def test_the_right_choice(lesson: Lesson) -> None:
    play = small.play(lesson, at="guess")
    right = next(place for place, choice in enumerate(play.choices()) if choice.correct)
    guess = play.choose(right)
    assert guess.choice.correct
    assert not guess.first_wrong
    assert play.first_wrong is None
    assert play.done


def test_a_wrong_choice_corrects_its_belief_and_names_a_topic(lesson: Lesson) -> None:
    play = small.play(lesson, at="guess")
    wrong = next(place for place, choice in enumerate(play.choices()) if choice.belief)
    guess = play.choose(wrong)
    assert "own namespace" in guess.choice.why
    assert guess.first_wrong
    assert guess.topic == "services"
    play.next()
    play.skip()
    play.skip()
    assert play.step.id == "after"
    other = next(place for place, choice in enumerate(play.choices()) if not choice.correct)
    assert not play.choose(other).first_wrong, "only the first is told"
    assert play.first_wrong is not None
    assert play.first_wrong[0].id == "guess"


def test_every_wrong_order_is_told_where_it_goes_wrong(lesson: Lesson) -> None:
    play = small.play(lesson, at="order")
    right, shown = play.stations(), play.shuffled()
    assert sorted(right) == sorted(shown)
    assert right != shown
    places = [shown.index(one) for one in right]
    for order in list(permutations(places))[1:20]:
        wrong = play.arrange(order)
        assert wrong is not None
        assert [shown[place] for place in order][:wrong] == list(right[:wrong])
    assert play.arrange(places) is None
    assert play.done


# Resuming


def resumed(play: Play) -> Play:
    """The same lesson in another process: what was saved is all that there is."""
    return small.play(play.lesson, play.progress)


def test_resuming_exactly_where_one_left(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    play.line("kubectl set selector svc web app=client")
    play.line("cat > note.txt <<EOF\nhello\nEOF")
    play.line("kubectl config set-context --current --namespace=default")
    play.hint()
    again = resumed(play)
    assert again.step.id == "mend"
    assert again.record == play.record
    assert selector(again) == "client"
    assert again.session.run("cat note.txt").stdout == "hello\n"
    assert again.session.namespace == "default"
    assert again.line("kubectl set selector svc web -n shop app=web").passed


def test_what_an_editor_wrote_is_kept(lesson: Lesson) -> None:
    play = small.play(lesson)
    play.session.editor = None
    play = Play(lesson, lambda: _with_editor(lesson), play.progress, lambda: small.NOON)
    while play.step.id != "mend":
        play.skip()
    assert play.line("kubectl edit svc web").passed
    assert selector(resumed(play)) == "web"


def _with_editor(lesson: Lesson):  # type: ignore[no-untyped-def]
    from kcnet.tutor.sandbox import open_sandbox

    return open_sandbox(lesson.head, clock=lambda: small.NOON, editor=lambda name, text: text.replace("wep", "web"))


def test_progress_in_a_step_that_is_gone(lesson: Lesson) -> None:
    old = Progress(
        step="old", records={"old": progress.Record("done")}, journal={"old": (("kubectl delete svc web",),)}
    )
    play = small.play(lesson, old)
    assert play.step.id == "hello"
    assert play.session.run("kubectl get svc web").status == 0


def test_a_sandbox_that_was_wrecked_is_put_right(lesson: Lesson) -> None:
    play = small.play(lesson, at="mend")
    assert play.line(MEND).passed
    play.line("kubectl delete pod client")
    play.next()
    assert play.step.id == "after"
    assert "was set to what this step needs" in play.note
    assert len(play.choices()) >= 3


WORDS = [
    "next",
    "back",
    "skip",
    "restart",
    "hint",
    MEND,
    BREAK,
    "kubectl delete pod web",
    "undo",
    "reset",
    "fail web",
    "check",
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=10))
def test_whatever_is_done_resuming_finds_the_same_sandbox(lesson: Lesson, words: list[str]) -> None:
    play = small.play(lesson, at="mend")
    for word in words:
        if word in ("next", "back", "skip", "restart", "hint"):
            getattr(play, word)()
        else:
            play.line(word)
    again = resumed(play)
    assert again.step.id == play.step.id
    assert again.progress.records == play.progress.records
    look = "kubectl get pods,svc,endpoints -A --no-headers"
    assert again.session.run(look).stdout == play.session.run(look).stdout


# The store


def test_saving_and_loading(lesson: Lesson, tmp_path: Path) -> None:
    play = small.play(lesson, at="mend")
    play.line("kubectl set selector svc web app=client")
    with open_store(tmp_path) as store:
        progress.save(store, "small", Progress(), play.progress, lambda: small.NOON)
        assert progress.load(store, "small") == play.progress
        assert progress.load(store, "other") == Progress()
        summary = progress.summaries(store)["small"]
        assert summary.states["hello"] == "skipped"
        assert summary.step == "mend"


def test_a_step_that_is_done_stays_done_whatever_another_terminal_writes(tmp_path: Path) -> None:
    done = Progress("b", {"a": progress.Record("done", tries=2, hints=1)})
    behind = Progress("a", {"a": progress.Record("open", tries=1), "b": progress.Record("skipped")})
    with open_store(tmp_path) as one, open_store(tmp_path) as other:
        progress.save(one, "x", Progress(), done)
        progress.save(other, "x", Progress(), behind)
        assert progress.load(one, "x").records == {
            "a": progress.Record("done", tries=2, hints=1),
            "b": progress.Record("skipped"),
        }


def test_predictions_are_kept_for_the_review(lesson: Lesson, tmp_path: Path) -> None:
    play = small.play(lesson, at="guess")
    before = play.progress
    play.choose(next(place for place, choice in enumerate(play.choices()) if choice.belief))
    with open_store(tmp_path) as store:
        progress.save(store, "small", before, play.progress)
        row = store.row("SELECT * FROM predictions")
        assert (row["step"], row["topic"], row["belief"], row["correct"]) == (
            "guess",
            "services",
            "selector-crosses-namespaces",
            0,
        )


def test_forgetting(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        progress.save(store, "x", Progress(), Progress("a", {"a": progress.Record("done")}))
        progress.forget(store, "x")
        assert progress.load(store, "x") == Progress()


def test_a_damaged_journal_is_no_disaster(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        progress.save(store, "x", Progress(), Progress("a"))
        with store.transaction() as database:
            database.execute("UPDATE lesson_places SET journal = '[1, 2'")
        assert progress.load(store, "x") == replace(Progress("a"), records={})


@pytest.mark.parametrize("line", ["", "help", "help tools", "clear", "undo", "kubctl get svc"])
def test_a_slip_is_no_attempt(line: str, lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    assert play.line(line).failure is None
    assert play.record.tries == 0


@pytest.mark.parametrize(
    "line", ["kubectl get svc nosuch", "kubectl describe svc nosuch", "kubectl get svc nosuch nobody"]
)
def test_what_was_not_found_was_not_seen(line: str, lesson: Lesson) -> None:
    play = small.play(lesson, at="type")
    assert not play.line(line).passed
    assert play.line("kubectl get svc web nosuch").passed
