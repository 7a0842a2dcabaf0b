"""The lab's shell: what a line prints and with which status it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet.lab.session import Session

LINES = [
    ("a pipe hands the output on", "echo a b | wc -w", "2\n", 0),
    ("the status of a pipe is that of its last command", "false | true", "", 0),
    ("&& goes on after success", "true && echo yes", "yes\n", 0),
    ("&& stops after a failure", "false && echo yes", "", 1),
    ("|| goes on after a failure", "false || echo no", "no\n", 0),
    ("! turns a status round", "! false", "", 0),
    (";", "echo a; echo b", "a\nb\n", 0),
    ("$? is the last status", "false; echo $?", "1\n", 0),
    ("a variable", "NAME=cart; echo $NAME", "cart\n", 0),
    ("export", "export NS=shop && echo $NS", "shop\n", 0),
    ("a variable for one command alone", "X=1; X=2 echo done; echo $X", "done\n1\n", 0),
    ("a substitution", "echo $(echo a; echo b)", "a b\n", 0),
    ("a group", "(echo a; echo b) | wc -l", "2\n", 0),
    ("a subshell's variables in a group stay", "{ A=1; }; echo $A", "1\n", 0),
    ("for", "for i in 1 2 3; do echo $i; done", "1\n2\n3\n", 0),
    ("for over a range", "for i in {1..3}; do echo $i; done | tail -1", "3\n", 0),
    ("while with a counter", "i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", "3\n", 0),
    ("until", "i=0; until [ $i -eq 2 ]; do i=$((i+1)); done; echo $i", "2\n", 0),
    ("if", "if true; then echo a; else echo b; fi", "a\n", 0),
    ("elif", "if false; then echo a; elif true; then echo b; fi", "b\n", 0),
    ("reading line by line", "printf 'a 1\\nb 2\\n' | while read name n; do echo $n $name; done", "1 a\n2 b\n", 0),
    ("a heredoc", "cat <<EOF\na $((1+1))\nEOF", "a 2\n", 0),
    ("a backslash at the very end is one", "echo a\\", "a\\\n", 0),
    ("a here-string", "cat <<< hello", "hello\n", 0),
    ("sudo is left out", "sudo echo a", "a\n", 0),
    ("sh -c", "sh -c 'echo a; exit 3'", "a\n", 3),
    ("bash reads its input", "echo 'echo hi' | bash", "hi\n", 0),
    ("xargs", "echo a b | xargs -n1 echo x", "x a\nx b\n", 0),
    ("printf", "printf '%s-%s\\n' a b", "a-b\n", 0),
    ("test", "[ a = a ] && test -z '' && echo ok", "ok\n", 0),
    ("seq", "seq 2 4", "2\n3\n4\n", 0),
    ("time", "time echo a", "a\n", 0),
    ("sleep takes no time", "sleep 1000 && echo awake", "awake\n", 0),
    ("errors can be thrown away", "nosuch 2>/dev/null; echo $?", "127\n", 0),
    ("errors into the output", "nosuch 2>&1 | wc -l", "2\n", 0),
    ("an alias", "alias ll2='echo x'; ll2 y", "x y\n", 0),
    ("a comment", "# nothing", "", 0),
    ("nothing", "", "", 0),
]


@pytest.mark.parametrize(("line", "stdout", "status"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_lines(shop: Session, line: str, stdout: str, status: int) -> None:
    outcome = shop.run(line)
    assert (outcome.stdout, outcome.status) == (stdout, status)


def test_k_is_kubectl(shop: Session) -> None:
    assert shop.run("k get nodes -o name").stdout == "node/node-1\nnode/node-2\n"


def test_an_alias_may_hold_words(shop: Session) -> None:
    shop.run("alias kgp='kubectl get pods -n shop'")
    assert shop.run("kgp debug -o name").stdout == "pod/debug\n"


def test_an_unknown_command_is_told_with_what_is_nearest(shop: Session) -> None:
    outcome = shop.run("kubctl get pods")
    assert outcome.status == 127
    assert outcome.stderr == "kubctl: command not found\n(lab) Did you mean kubectl?\n"


def test_a_command_that_exists_elsewhere_is_not_pretended(shop: Session) -> None:
    outcome = shop.run("helm install shop ./chart")
    assert (outcome.status, outcome.stdout) == (127, "")
    assert "does not simulate" in outcome.stderr


def test_a_mistake_in_the_grammar(shop: Session) -> None:
    outcome = shop.run("echo a | | b")
    assert (outcome.status, outcome.stdout) == (2, "")
    assert "syntax error" in outcome.stderr


def test_an_endless_loop_ends(shop: Session) -> None:
    outcome = shop.run("while true; do echo x; done")
    assert outcome.stdout == "x\n" * 10
    assert "would never end" in outcome.stderr


def test_a_line_that_does_too_much_is_stopped(shop: Session) -> None:
    outcome = shop.run("for i in {1..2000}; do echo $i; done")
    assert outcome.status == 1
    assert outcome.stdout.startswith("1\n2\n")
    assert "Stopped" in outcome.stderr


def test_what_was_printed_before_exit_is_shown(shop: Session) -> None:
    outcome = shop.run("echo a; exit 4; echo b")
    assert (outcome.stdout, outcome.status, shop.ended) == ("a\n", 4, True)


# Files.


def test_files_of_the_working_directory_are_read(shop: Session, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n", encoding="utf-8")
    assert shop.run("cat a.txt | tail -1; ls; wc -l < a.txt").stdout == "two\na.txt\n2\n"


def test_what_is_written_stands_in_the_lab_alone(shop: Session, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("disk\n", encoding="utf-8")
    outcome = shop.run("echo lab > a.txt; echo more >> a.txt; echo new | tee b.txt; cat a.txt b.txt; ls *.txt")
    assert outcome.stdout == "new\nlab\nmore\nnew\na.txt\nb.txt\n"
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "disk\n"
    assert not (tmp_path / "b.txt").exists()


def test_nothing_on_the_disk_is_deleted(shop: Session, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("disk\n", encoding="utf-8")
    assert shop.run("rm a.txt; ls; cat a.txt").stderr == "cat: a.txt: No such file or directory\n"
    assert (tmp_path / "a.txt").exists()


def test_a_folder_made_in_the_lab(shop: Session) -> None:
    assert (
        shop.run("mkdir -p x/y && cd x && echo a > y/z && cat y/z && ls && cd .. && cat x/y/z").stdout == "a\ny/\na\n"
    )


@pytest.mark.parametrize(
    "line",
    ["echo '1.2.3.4 shop.example.com' >> /etc/hosts", "echo '1.2.3.4 shop.example.com' | sudo tee -a /etc/hosts"],
)
def test_the_learners_own_hosts_file(shop: Session, line: str) -> None:
    shop.run(line)
    assert shop.run("cat /etc/hosts").stdout == "127.0.0.1\tlocalhost\n::1\tlocalhost\n1.2.3.4 shop.example.com\n"


def test_what_is_no_file_is_told(shop: Session) -> None:
    assert shop.run("cat nosuch").stderr == "cat: nosuch: No such file or directory\n"
    assert shop.run("cat < nosuch").stderr == "bash: nosuch: No such file or directory\n"
    assert shop.run("echo a > /").status == 1
    assert shop.run("cat /dev/zero").status == 1


def test_an_editor(shop: Session) -> None:
    shop.run("echo a > x.txt")
    assert shop.run("vi x.txt").status == 1
    shop.editor = lambda name, text: f"{name}: {text.upper()}"
    shop.run("vi x.txt")
    assert shop.run("cat x.txt").stdout == "x.txt: A\n"


# The session.


def test_the_same_lines_give_the_same_answers(shop: Session) -> None:
    assert shop.beginning is not None
    first = [shop.run(line) for line in ("kubectl create deployment web --image=nginx", "kubectl get pods -o wide")]
    shop.restore(shop.beginning)
    again = [shop.run(line) for line in ("kubectl create deployment web --image=nginx", "kubectl get pods -o wide")]
    assert first == again


def test_undo_takes_back_one_line(shop: Session) -> None:
    shop.run("kubectl delete svc cart -n shop && kubectl delete svc catalog -n shop")
    shop.run("kubectl get svc -n shop")
    shop.run("kubectl create namespace team-b")
    assert shop.run("undo").stdout == "Undone: kubectl create namespace team-b\n"
    assert shop.run("kubectl get ns team-b").status == 1
    assert shop.run("undo").status == 0
    assert shop.run("kubectl get svc cart catalog -n shop -o name").stdout == "service/cart\nservice/catalog\n"
    assert shop.run("undo").stderr == "undo: nothing has been changed.\n"


def test_reset_can_be_undone(shop: Session) -> None:
    shop.run("kubectl create namespace team-b")
    shop.run("reset")
    assert shop.run("kubectl get ns team-b").status == 1
    shop.run("undo")
    assert shop.run("kubectl get ns team-b").status == 0


def test_a_line_that_is_not_whole_is_known(shop: Session) -> None:
    assert shop.pending("cat <<EOF\na") is not None
    assert shop.pending("echo 'a") is not None
    assert shop.pending("kubectl get pods") is None
    assert shop.pending("a | | b") is None


@pytest.mark.parametrize(
    ("line", "status"),
    [("$nothing", "0"), ("$(true)", "0"), ("$(false)", "1"), ("x=$(false)", "1"), ("x=$(false) y=$(true)", "0"), ("x=1", "0")],
)  # fmt: skip
def test_a_line_that_comes_to_no_command_has_the_status_of_its_substitution(
    shop: Session, line: str, status: str
) -> None:
    shop.run("false")
    assert shop.run(f"{line}\necho $?").stdout == f"{status}\n"
