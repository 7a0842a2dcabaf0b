"""Command lines taken apart, by the POSIX shell's own rules."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcnet.lab import syntax, words
from kcnet.lab.syntax import Incomplete, Item, Simple, SyntaxFault, parse

VARIABLES = {"NAME": "cart", "TWO": "a b", "EMPTY": "", "?": "3", "N": "4"}
AROUND = words.Surroundings(
    lambda name: VARIABLES.get(name, ""),
    lambda source: f"<{source}>\n",
    lambda pattern: ["a.yaml", "b.yaml"] if pattern == "*.yaml" else [],
)


def argv(line: str) -> list[str]:
    (item,) = parse(line)
    (command,) = item.pipeline.commands
    assert isinstance(command, Simple)
    return words.fields(command.words, AROUND)


WORDS = [
    ("words are parted by any number of spaces", "kubectl   get\tpods", ["kubectl", "get", "pods"]),
    ("single quotes keep everything", "echo 'a $NAME \"b\"  c'", ["echo", 'a $NAME "b"  c']),
    ("double quotes keep spaces and replace variables", 'echo "a  $NAME"', ["echo", "a  cart"]),
    ("a backslash keeps one character", r"echo a\ b \$NAME", ["echo", "a b", "$NAME"]),
    ('inside double quotes it keeps only $ ` " and itself', r'echo "\n \" \\ \$"', ["echo", '\\n " \\ $']),
    ("quotes may begin inside a word", "echo a'b c'd", ["echo", "ab cd"]),
    ("an empty word in quotes stays a word", "echo '' \"\"", ["echo", "", ""]),
    ("a variable without quotes is split", "echo $TWO", ["echo", "a", "b"]),
    ("and in quotes it is not", 'echo "$TWO"', ["echo", "a b"]),
    ("an empty variable without quotes is no word", "echo $EMPTY x", ["echo", "x"]),
    ("braces part a name from what follows", "echo ${NAME}s", ["echo", "carts"]),
    ("a fallback stands in for an empty variable", "echo ${EMPTY:-web}", ["echo", "web"]),
    ("the last status", "echo $?", ["echo", "3"]),
    ("a dollar alone is a dollar", "echo $ a$", ["echo", "$", "a$"]),
    (
        "what a command prints, without the last line break",
        "echo $(kubectl get svc)",
        ["echo", "<kubectl", "get", "svc>"],
    ),
    ("the same in quotes is one word", 'echo "$(a b)"', ["echo", "<a b>"]),
    ("backquotes are the older form", "echo `date`", ["echo", "<date>"]),
    ("substitutions stand inside each other", "echo $(a $(b))", ["echo", "<a", "$(b)>"]),
    ("whole numbers are calculated", "echo $((N + 2 * 3))", ["echo", "10"]),
    ("a pattern becomes the files that match", "ls *.yaml", ["ls", "a.yaml", "b.yaml"]),
    ("a pattern that matches nothing stays", "ls *.txt", ["ls", "*.txt"]),
    ("a pattern in quotes stays", "ls '*.yaml'", ["ls", "*.yaml"]),
    ("braces with a range", "echo {1..3} x{2..1}", ["echo", "1", "2", "3", "x2", "x1"]),
    ("braces with a choice", "echo {a,b}c", ["echo", "ac", "bc"]),
    ("JSON in quotes is left alone", """echo '{"a":1,"b":2}'""", ["echo", '{"a":1,"b":2}']),
    ("a comment ends the line", "echo a # b", ["echo", "a"]),
    ("a hash inside a word is no comment", "echo a#b", ["echo", "a#b"]),
    ("a backslash at the end goes on in the next line", "echo a \\\n b", ["echo", "a", "b"]),
    (
        "an equals sign behind the command is no assignment",
        "kubectl label pod web a=b",
        ["kubectl", "label", "pod", "web", "a=b"],
    ),
    ("a number before > is no word of its own", "echo 2 >/dev/null", ["echo"]),
]


@pytest.mark.parametrize(("line", "expected"), [row[1:] for row in WORDS[:-1]], ids=[row[0] for row in WORDS[:-1]])
def test_words(line: str, expected: list[str]) -> None:
    assert argv(line) == expected


INCOMPLETE = [
    "echo 'a",
    'echo "a',
    "echo $(a",
    "echo a \\",
    "cat <<EOF",
    "cat <<EOF\na",
    "cat <<'EOF' | kubectl apply -f -\nkind: Pod\n",
    "a |",
    "a &&",
    "a ||",
    "for i in 1 2; do",
    "for i in 1 2",
    "for i in 1 2; do echo; ",
    "while true; do echo",
    "if true; then echo",
    "( a",
    "{ a;",
]


@pytest.mark.parametrize("line", INCOMPLETE)
def test_more_lines_are_awaited(line: str) -> None:
    with pytest.raises(Incomplete):
        parse(line)


WRONG = [
    "a | | b",
    "| a",
    "a && && b",
    ")",
    "a )",
    "done",
    "fi",
    "sleep 1 &",
    "f() { a; }",
    "> ",
    "a ;; b",
    "for 1 in a; do b; done",
]


@pytest.mark.parametrize("line", WRONG)
def test_what_no_more_lines_can_mend(line: str) -> None:
    with pytest.raises(SyntaxFault):
        parse(line)


def test_lists_and_pipes() -> None:
    script = parse("a | b && c || d; e\nf")
    assert [(item.joint, len(item.pipeline.commands)) for item in script] == [
        (";", 2),
        ("&&", 1),
        ("||", 1),
        (";", 1),
        (";", 1),
    ]


def test_a_heredoc_in_quotes_is_kept_as_it_stands() -> None:
    assert _heredoc("cat <<'EOF' | kubectl apply -f -\na: $NAME\n  b: 'c'\nEOF\n") == "a: $NAME\n  b: 'c'\n"


def test_a_heredoc_without_quotes_replaces_variables_and_keeps_quotes() -> None:
    assert _heredoc("cat <<EOF\nname: $NAME \"x\" 'y' \\$NAME $(z)\nEOF") == "name: cart \"x\" 'y' $NAME <z>\n"


def test_a_heredoc_with_a_dash_loses_tabs_before_its_lines() -> None:
    assert _heredoc("cat <<-EOF\n\ta\n\t b\n\tEOF") == "a\n b\n"


def test_a_heredoc_ends_with_the_text_where_no_more_is_to_come() -> None:
    script = parse("cat <<EOF\na", whole=True)
    assert len(script) == 1


def test_what_stands_behind_a_heredoc_is_run_too() -> None:
    assert len(parse("cat <<EOF\na\nEOF\necho b")) == 2


def _heredoc(text: str) -> str:
    first: Item = parse(text)[0]
    command = first.pipeline.commands[0]
    assert isinstance(command, Simple)
    (redirect,) = command.redirects
    assert redirect.operator == "<<"
    return words.text(redirect.target, AROUND)


PIECES = st.sampled_from(
    ["a", "kubectl", " ", "\n", "'", '"', "$", "(", ")", "{", "}", "|", "&", "&&", ";", "<", ">", "<<EOF", "EOF", "\\", "`",
     "for", "in", "do", "done", "if", "then", "fi", "while", "$((", "))", "${", "#", "*", "2>&1", "=", "!", "$(", "<<-X", "X"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join), st.booleans())
def test_no_text_breaks_the_parser(text: str, whole: bool) -> None:
    with suppress(Incomplete, SyntaxFault):
        syntax.parse(text, whole=whole)


@given(st.text(max_size=30))
def test_a_text_in_single_quotes_is_one_word(text: str) -> None:
    text = text.replace("'", "").replace("\r", "")
    assert argv(f"echo '{text}'") == ["echo", text]
