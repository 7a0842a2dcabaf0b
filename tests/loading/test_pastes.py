"""What a learner pastes: each gets a message about the paste, at its place."""

from __future__ import annotations

import pytest

from tests.loading.builders import SERVICE, changed, problems

NBSP = "\u00a0"
FLAT = "\n".join(line.strip() for line in SERVICE.split("\n"))
NUMBERED = "\n".join(f"{number:>2} {line}" for number, line in enumerate(SERVICE.rstrip().split("\n"), 1))

PASTES = [
    # what, text, code, line, column, words of the message, words of the fix
    ("non-breaking spaces", changed("  name: web", f"{NBSP}{NBSP}name: web"), "PASTE_BLANK", 4, 1,
     "a non-breaking space (U+00A0)", "ordinary space"),
    ("on several lines", SERVICE.replace("    ", f"  {NBSP}{NBSP}"), "PASTE_BLANK", 7, 3, "1 more line", "each"),
    ("after a colon", changed("name: web", f"name:{NBSP}web"), "PASTE_BLANK", 4, 8, "U+00A0", "ordinary space"),
    ("zero-width space", changed("  name: web", "  \u200bname: web"), "PASTE_BLANK", 4, 3, "U+200B", "ordinary"),
    ("in a selector, where any key is good structure", changed("    app", f"    {NBSP}app"), "PASTE_BLANK", 7, 5,
     "U+00A0", ""),
    ("tab", changed("  name: web", "\tname: web"), "YAML_TAB", 4, 1, "tab in the indentation", "spaces"),
    ("tab after spaces", changed("    app", "  \tapp"), "YAML_TAB", 7, 3, "tab", "spaces"),
    ("typographic quotes around a number", changed("80", "“80”"), "PASTE_SMART_QUOTES", 9, 11, "“", "straight quote"),
    ("typographic quotes around a name", changed("name: web", "name: ‘web’"), "PASTE_SMART_QUOTES", 4, 9, "‘",
     "straight"),
    ("typographic quotes around a key", changed("selector", "“selector”"), "PASTE_SMART_QUOTES", 6, 3, "“", "straight"),
    ("question marks for indentation", changed("  name", "??name"), "PASTE_QUESTION_MARK", 4, 1, "?", "space"),
    ("a question mark and a space", changed("  name", "? name"), "PASTE_QUESTION_MARK", 4, 1, "?", "space"),
    ("indentation lost", FLAT, "PASTE_NO_INDENTATION", 4, 1, "No line is indented", "raw view"),
    ("fence", f"```yaml\n{SERVICE}```\n", "PASTE_MARKDOWN_FENCE", 1, 1, "```yaml", "Delete"),
    ("fence behind words", f"Apply this:\n\n~~~\n{SERVICE}~~~\n", "PASTE_MARKDOWN_FENCE", 3, 1, "~~~", "Delete"),
    ("prompt", f"$ cat web.yaml\n{SERVICE}", "PASTE_SHELL_PROMPT", 1, 1, "prompt", "Delete"),
    ("prompt with a name", f"me@laptop:~/k8s$ cat web.yaml\n{SERVICE}", "PASTE_SHELL_PROMPT", 1, 1, "prompt", "Delete"),
    ("line numbers", NUMBERED, "PASTE_LINE_NUMBERS", 1, 2, "Line numbers", "without them"),
    ("Helm value", changed("80", "{{ .Values.port }}"), "PASTE_HELM_TEMPLATE", 9, 11, "Helm template", "helm template"),
    ("Helm control", f"{{{{- if .Values.on }}}}\n{SERVICE}{{{{- end }}}}\n", "PASTE_HELM_TEMPLATE", 1, 1, "Helm",
     "helm template RELEASE CHART | kcnet trace -f -"),
    ("Helm include", changed("web", '{{ include "web.name" . }}-x'), "PASTE_HELM_TEMPLATE", 4, 9, "Helm", "helm"),
    ("other dash", changed("- port", "– port"), "PASTE_DASH", 9, 3, "U+2013", "hyphen"),
    ("dots for lines left out", changed("  selector", "  ...\n  selector"), "PASTE_ELLIPSIS", 6, 3, "left out",
     "missing"),
    ("no space after a colon", changed("port: 80", "port:80"), "YAML_NO_SPACE_AFTER_COLON", 9, 9, "port:80",
     "port: 80"),
    ("the only field, no space", changed("name: web", "name:web"), "YAML_NO_SPACE_AFTER_COLON", 4, 7, "name:web",
     "name: web"),
    ("two objects, no separator", SERVICE + SERVICE, "YAML_MISSING_SEPARATOR", 11, 1, "second object begins", "---"),
    ("duplicate key", changed("  selector", "  ports: []\n  selector"), "YAML_DUPLICATE_KEY", 9, 3, "first in line 6",
     "Remove one"),
    ("duplicate in JSON", '{"kind": "Pod",\n"kind": "Pod"}', "YAML_DUPLICATE_KEY", 2, 1, "first in line 1",
     "Remove one"),
    ("open quote", changed("name: web", 'name: "web'), "YAML_SYNTAX", 4, 9, "not closed", "Close it"),
    ("open brace", changed("\n    app: web", " {app: web"), "YAML_SYNTAX", 7, 8, "opened in line 6", "Close it"),
    ("colon in a value", changed("name: web", "name: web: x"), "YAML_SYNTAX", 4, 12, "'web' goes on with a colon",
     "quotes"),
    ("a line too far left", changed("    targetPort", " targetPort"), "YAML_SYNTAX", 10, 2, "indented", "same column"),
    ("a line too far right", changed("    targetPort", "      targetPort"), "YAML_SYNTAX", 10, 17, "indented",
     "Line it up"),
    ("a list on the line of its key", changed("ports:\n  -", "ports: -"), "YAML_SYNTAX", 8, 10, "dash", "next line"),
    ("end of a heredoc", SERVICE + "EOF\n", "PASTE_SHELL_PROMPT", 11, 1, "'EOF' is not YAML", "Delete the line 'EOF'"),
    ("heredoc", f"kubectl apply -f - <<EOF\n{SERVICE}EOF\n", "PASTE_SHELL_PROMPT", 1, 1, "command of the shell",
     "Delete the lines 'kubectl apply -f - <<EOF' and 'EOF'"),
    ("heredoc before a pipe", f"cat <<EOF | kubectl apply -f -\n{SERVICE}EOF\n", "PASTE_SHELL_PROMPT", 1, 1,
     "command of the shell", "and 'EOF'"),
    ("heredoc with quotes", f"cat <<'END' > web.yaml\n{SERVICE}END\n", "PASTE_SHELL_PROMPT", 1, 1,
     "command of the shell", "and 'END'"),
    ("heredoc with a prompt", f"$ cat <<-EOF > web.yaml\n{SERVICE}EOF\n", "PASTE_SHELL_PROMPT", 1, 1,
     "command of the shell", "and 'EOF'"),
    ("at sign", changed("name: web", "name: @web"), "YAML_SYNTAX", 4, 9, "keeps for itself", "quotes"),
    ("star", changed("name: web", "name: *.web"), "YAML_SYNTAX", 4, 10, "alias or anchor", "quotes"),
    ("star and a word", changed("name: web", "name: *web"), "YAML_ALIAS_UNKNOWN", 4, 9, "&web", "'*web'"),
    ("backslash", changed("name: web", 'name: "C:\\web"'), "YAML_SYNTAX", 4, 12, "escape", "single quotes"),
    ("tag of Python", changed("web", "!!python/name:os.system x"), "YAML_TAG", 4, 9, "Nothing was executed",
     "not trust"),
    ("tag of CloudFormation", changed("web", "!Ref web"), "YAML_TAG", 4, 9, "!Ref means nothing", "Remove it"),
    ("NUL", changed("web", "w\0b"), "YAML_CHARACTER", 4, 10, "NUL", "Delete"),
    ("escape", changed("web", "w\x1bb"), "YAML_CHARACTER", 4, 10, "U+001B", "Delete"),
    ("too deep", "a: " + "[" * 900, "YAML_DEPTH", 1, 203, "200 levels", "brackets"),
    ("alias bomb", "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
    ), "YAML_ALIAS_BOMB", 5, 29, "alias bomb", "not trust"),
    ("an anchor that holds itself", "a: &x [*x]\n", "YAML_ALIAS_LOOP", 1, 8, "&x contains itself", "instead of the alias"),
    ("null as a key", changed("app: web", "~: web"), "YAML_NULL_KEY", 7, 5, "~, which YAML reads as null", '"~"'),
    ("merge of a word", changed("app: web", "<<: web"), "YAML_MERGE", 7, 9, "takes a mapping", "<<: *NAME"),
    ("a tag that lies", changed("80", "!!int eighty"), "YAML_TAG_VALUE", 9, 11, "not what its tag !!int says", "tag"),
    ("a mapping as a key", changed("web", "{a}: b"), "YAML_SYNTAX", 4, 12, "colon", "quotes"),
    ("braces in braces", changed("web", "{{a: 1}: 2}"), "YAML_KEY", 4, 10, "name of a field is expected", "brackets"),
    ("NaN", '{"apiVersion": "v1", "kind": "Pod", "a": NaN}', "JSON_NOT_A_NUMBER", 1, 42, "NaN", "number"),
    ("a comma too many in a JSON list", '{"kind": "List", "items": [{"a": 1},]}', "JSON_SYNTAX", 1, 37, "comma", "comma"),
    ("web page", "<!DOCTYPE html>\n<html></html>", "NOT_AN_OBJECT", 1, 1, "web page", "Raw"),
    ("words", "hello", "NOT_AN_OBJECT", 1, 1, "the text 'hello'", "begins with apiVersion"),
    ("a JSON list", '[{"kind": "Pod"}]', "NOT_AN_OBJECT", 1, 1, "a list", "begins with apiVersion"),
    ("no kind", SERVICE.replace("kind: Service\n", ""), "NOT_AN_OBJECT", 1, 1, "no kind", "Add kind"),
    ("no apiVersion", SERVICE.replace("apiVersion: v1\n", ""), "NOT_AN_OBJECT", 1, 1, "no apiVersion",
     "apiVersion: v1"),
    ("a kind that is no word", changed("Service", "[Service]"), "NOT_AN_OBJECT", 2, 1, "must be text", "kind: Service"),
    ("kustomization", "resources:\n- a.yaml\n", "NOT_A_MANIFEST", 1, 1, "kustomization", "kubectl kustomize"),
    ("Compose", "services:\n  web:\n    image: x\n", "NOT_A_MANIFEST", 1, 1, "Compose", "folder"),
    ("values of a chart", "replicaCount: 1\nimage: {tag: x}\n", "NOT_A_MANIFEST", 1, 1, "Helm chart", "helm template"),
    ("an item that is none", "apiVersion: v1\nkind: List\nitems:\n- 3\n", "NOT_AN_OBJECT", 3, 1, "no object but 3", ""),
    ("JSON without a comma", '{"apiVersion": "v1" "kind": "Pod"}', "JSON_SYNTAX", 1, 21, "comma", "comma"),
    ("JSON cut off", '{"apiVersion": "v1", "kind": ', "JSON_SYNTAX", 1, 28, "too early", "whole"),
    ("JSON without quotes", '{"apiVersion": v1 "kind": "Pod"}', "JSON_SYNTAX", 1, 16, "no JSON", "double quotes"),
    ("Windows-1252", changed("web", "wéb").encode("cp1252"), "TEXT_ENCODING", 4, 10, "'é'", "UTF-8"),
    ("UTF-16 without a mark", SERVICE.encode("utf-16-le"), "TEXT_ENCODING", 1, 1, "UTF-16", "UTF-8"),
    ("UTF-16 cut off", SERVICE.encode("utf-16")[:-1], "TEXT_ENCODING", 10, 21, "UTF-16", "UTF-8"),
    ("nothing", "", "INPUT_NO_MANIFEST", 1, 1, "no Kubernetes object", "saved"),
    ("comments only", "# nothing\n---\n# at all\n", "INPUT_NO_MANIFEST", 1, 1, "comments", "saved"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "message", "fix"), [row[1:] for row in PASTES], ids=[row[0] for row in PASTES]
)
def test_a_paste_is_told_at_its_place(
    text: str | bytes, code: str, line: int, column: int, message: str, fix: str
) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert message in problem.message
    assert fix in problem.fix
    assert problem.file == "<stdin>"
    if problem.excerpt and isinstance(text, str):
        assert text.split("\n")[line - 1].startswith(problem.excerpt[line - problem.excerpt_start].rstrip("…"))


def test_what_the_parser_itself_finds_too_deep_is_told_alike() -> None:
    (problem,) = problems("a: " + "[" * 5000)
    assert (problem.code, problem.line) == ("YAML_DEPTH", 1)


@pytest.mark.parametrize("text", ["kind: {\n\n", "kind: [\n", "kind: ["])
def test_a_brace_with_nothing_behind_it_was_not_opened_further_down(text: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line) == ("YAML_SYNTAX", 1)
    assert "opened in line" not in problem.message


FINE = [
    ("Windows line breaks", SERVICE.replace("\n", "\r\n")),
    ("old Mac line breaks", SERVICE.replace("\n", "\r")),
    ("UTF-8 with a mark", b"\xef\xbb\xbf" + SERVICE.encode()),
    ("UTF-16 with a mark", SERVICE.encode("utf-16")),
    ("UTF-16 of the other kind", b"\xfe\xff" + SERVICE.encode("utf-16-be")),
    ("UTF-32", SERVICE.encode("utf-32")),
    ("braces in quotes", changed("name: web", "name: web\n  annotations: {a: '{{ .Values.x }}'}")),
    ("braces in a block scalar", changed("name: web",
     "name: web\n  annotations:\n    a: |\n      {{ .Values.x }}\n      ```")),
    ("braces in a comment", changed("name: web", "name: web # {{ .Values.x }}")),
    ("typographic quotes in a text", changed("name: web", "name: web\n  annotations: {a: say “hello”, b: “hello”}")),
    ("a typographic comment", f"# “{NBSP}” – …\n" + SERVICE),
    ("a heredoc in a block scalar", changed("name: web",
     "name: web\n  annotations:\n    a: |\n      cat <<EOF\n      EOF")),
    ("tab before a comment", changed("name: web", "name: web\t# x")),
    ("a separator at either end", f"---\n{SERVICE}---\n"),
    ("a separator with a comment", f"--- # first\n{SERVICE}"),
    ("end of a document", SERVICE + "...\n"),
    ("tabs in JSON", '{\n\t"apiVersion":\t"v1",\n\t"kind": "Namespace",\n\t"metadata": {"name": "a"}\n}'),
    ("a long line", changed("name: web", f"name: web\n  annotations: {{a: {'x' * 100_000}}}")),
    ("an emoji", changed("name: web", "name: web\n  annotations: {a: 🚀}")),
]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in FINE], ids=[row[0] for row in FINE])
def test_what_is_unusual_and_fine(text: str | bytes) -> None:
    assert not problems(text)


def test_of_a_template_nothing_else_is_told() -> None:
    text = f"{changed('80', 'eighty')}---\n{changed('80', '{{ .Values.port }}')}---\na: 'x\n"
    assert [problem.code for problem in problems(text)] == ["PASTE_HELM_TEMPLATE"]


def test_what_is_good_yaml_elsewhere_is_not_blamed_for_an_error() -> None:
    text = changed("name: web", "name: web\n  annotations:\n    a: “fine”\n    b:80: x") + "a: 'x\n"
    assert [problem.code for problem in problems(text)] == ["YAML_SYNTAX"]


def test_a_shift_inside_a_value_is_no_heredoc() -> None:
    text = changed("name: web", "name: web\n  annotations:\n    a: cat <<EOF") + "a: 'x\n"
    assert [problem.code for problem in problems(text)] == ["YAML_SYNTAX"]


def test_every_document_is_looked_at() -> None:
    broken = [
        changed("80", "eighty"),
        changed("name: web", "name: 'web"),
        changed("  name", "\tname"),
        SERVICE,
        "a: [\n",
    ]
    found = problems("---\n".join(broken))
    assert [(problem.code, problem.line) for problem in found] == [
        ("SCHEMA_TYPE", 9),
        ("YAML_SYNTAX", 15),
        ("YAML_TAB", 26),
        ("YAML_SYNTAX", 45),
    ]
