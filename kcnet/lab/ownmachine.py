"""Commands about the learner's own files: cat, ls, cd, mkdir, rm, cp, mv, touch, and editors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kcnet.lab.files import FileFault

if TYPE_CHECKING:
    from kcnet.lab.call import Call


def _cat(call: Call) -> int:
    names = [word for word in call.argv[1:] if word == "-" or not word.startswith("-")]
    numbered = "-n" in call.argv
    if not names and call.stdin is None:
        call.note("cat waits for what is typed. Write cat FILE, or cat <<EOF with lines and EOF.")
        return 1
    status, text = 0, ""
    for name in names or ["-"]:
        try:
            text += (call.stdin.rest() if call.stdin else "") if name == "-" else call.session.files.read(name)
        except FileFault as fault:
            call.err(f"cat: {fault}")
            status = 1
    if numbered:
        text = "".join(f"{number:6d}\t{line}" for number, line in enumerate(text.splitlines(keepends=True), 1))
    call.out(text)
    return status


def _ls(call: Call) -> int:
    files = call.session.files
    names = [word for word in call.argv[1:] if not word.startswith("-")]
    options = "".join(word for word in call.argv[1:] if word.startswith("-"))
    status = 0
    for folder in names or ["."]:
        try:
            if not files.is_folder(folder):
                files.read(folder)
                found = [folder]
            else:
                found = [name for name in files.names(folder) if "a" in options or name[0] != "."]
        except FileFault as fault:
            call.err(f"ls: cannot access '{folder}': {fault.why}")
            status = 2
            continue
        if len(names) > 1 and files.is_folder(folder):
            call.line(f"{folder}:")
        call.out("".join(f"{name}\n" for name in found))
    return status


def _cd(call: Call) -> int:
    files = call.session.files
    target = call.argv[1] if len(call.argv) > 1 else (files.base.as_posix() if files.base else "/home/learner")
    if not files.is_folder(target):
        call.err(f"cd: {target}: No such file or directory")
        return 1
    files.here = files.absolute(target)
    return 0


def _pwd(call: Call) -> int:
    call.line(call.session.files.here)
    return 0


def _mkdir(call: Call) -> int:
    files = call.session.files
    for name in call.argv[1:]:
        if not name.startswith("-"):
            files.folders.add(files.absolute(name))
    return 0


def _rm(call: Call) -> int:
    status = 0
    force = any(word.startswith("-") and "f" in word for word in call.argv[1:])
    for name in [word for word in call.argv[1:] if not word.startswith("-")]:
        try:
            if call.session.files.is_folder(name):
                raise FileFault(name, "Is a directory")
            call.session.files.delete(name)
        except FileFault as fault:
            if not force:
                call.err(f"rm: cannot remove '{name}': {fault.why}")
                status = 1
    return status


def _touch(call: Call) -> int:
    for name in [word for word in call.argv[1:] if not word.startswith("-")]:
        if not call.session.files.exists(name):
            call.session.files.write(name, "")
    return 0


def _copy(call: Call) -> int:
    """``cp`` and ``mv`` of one file."""
    names = [word for word in call.argv[1:] if not word.startswith("-")]
    files = call.session.files
    if len(names) != 2:
        call.err(f"{call.argv[0]}: the lab copies one file: {call.argv[0]} FROM TO")
        return 1
    try:
        target = f"{names[1].rstrip('/')}/{names[0].rsplit('/', 1)[-1]}" if files.is_folder(names[1]) else names[1]
        files.write(target, files.read(names[0]))
        if call.argv[0] == "mv":
            files.delete(names[0])
    except FileFault as fault:
        call.err(f"{call.argv[0]}: cannot stat '{fault.name}': {fault.why}")
        return 1
    return 0


def _edit(call: Call) -> int:
    """``vi FILE``: the editor of ``$EDITOR``; what it writes stands in the lab, not on the disk."""
    names = [word for word in call.argv[1:] if not word.startswith(("-", "+"))]
    if len(names) != 1:
        call.err(f"{call.argv[0]}: name one file")
        return 1
    files = call.session.files
    if files.is_folder(names[0]):
        call.err(f"{call.argv[0]}: {names[0]}: Is a directory")
        return 1
    before = files.read(names[0]) if files.exists(names[0]) else ""
    after = call.session.edit(names[0].rsplit("/", 1)[-1], before)
    if after is None:
        call.note("There is no editor here: set EDITOR, and use a terminal. A heredoc writes a file as well:")
        call.note(f"cat > {names[0]} <<'EOF'")
        return 1
    if after != before:
        files.write(names[0], after)
    return 0


OWN_MACHINE: dict[str, Callable[[Call], int]] = {
    "cat": _cat, "ls": _ls, "ll": _ls, "cd": _cd, "pwd": _pwd, "mkdir": _mkdir, "rm": _rm, "touch": _touch,
    "cp": _copy, "mv": _copy, "vi": _edit, "vim": _edit, "nano": _edit, "emacs": _edit, "code": _edit,
}  # fmt: skip
