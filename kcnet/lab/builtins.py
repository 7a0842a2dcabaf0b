"""Commands of the shell itself, and those that only read, write and shape text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from kcnet.lab.call import Call
from kcnet.lab.files import FileFault
from kcnet.lab.filters import FILTERS, USAGE_STATUS, Fault
from kcnet.lab.shell import Input, Left, Stopped

Command = Callable[[Call], int]


def _echo(call: Call) -> int:
    words = list(call.argv[1:])
    newline, escapes = True, False
    while words and re.fullmatch("-[neE]+", words[0]):
        letters = words.pop(0)
        newline = newline and "n" not in letters
        escapes = escapes or "e" in letters
    text = " ".join(words)
    call.out((_unescaped(text) if escapes else text) + ("\n" if newline else ""))
    return 0


_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r", "a": "", "b": "", '"': '"'}


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), text)


def _printf(call: Call) -> int:
    if len(call.argv) < 2:
        call.err("printf: usage: printf format [arguments]")
        return 2
    form, values = _unescaped(call.argv[1]), list(call.argv[2:])
    holes = len(re.findall(r"%-?\d*[sd]", form))
    out = ""
    while True:
        given, values = values[:holes], values[holes:]
        given += [""] * (holes - len(given))
        taken = iter(given)
        out += re.sub(r"%(?:%|(-?\d{0,3})[sd])", lambda found: _hole(found, taken), form)  # noqa: B023
        if not values or not holes:
            break
    call.out(out)
    return 0


def _hole(found: re.Match[str], values: object) -> str:
    if found[0] == "%%":
        return "%"
    width = int(found[1]) if found[1] not in ("", "-") else 0
    value = next(values)  # type: ignore[call-overload]
    return str(value).ljust(-width) if width < 0 else str(value).rjust(width)


def _test(call: Call) -> int:
    words = list(call.argv[1:])
    if call.argv[0] == "[":
        if not words or words[-1] != "]":
            call.err("[: missing `]'")
            return 2
        words.pop()
    negated = bool(words) and words[0] == "!"
    words = words[1:] if negated else words
    try:
        return int(_holds(call, words) == negated)
    except (ValueError, Fault):
        call.err(f"{call.argv[0]}: {' '.join(words)}: the lab cannot test this")
        return 2


def _holds(call: Call, words: Sequence[str]) -> bool:
    if not words:
        return False
    if len(words) == 1:
        return bool(words[0])
    if len(words) == 2:
        if words[0] in ("-e", "-f", "-d", "-r", "-s"):
            files = call.session.files
            return files.is_folder(words[1]) if words[0] == "-d" else files.exists(words[1])
        if words[0] in ("-n", "-z"):
            return bool(words[1]) == (words[0] == "-n")
    if len(words) == 3:
        left, sign, right = words
        if sign in ("=", "==", "!="):
            return (left == right) == (sign != "!=")
        one, other = int(left[:18]), int(right[:18])
        signs = {"-eq": one == other, "-ne": one != other, "-lt": one < other, "-le": one <= other,
                 "-gt": one > other, "-ge": one >= other}  # fmt: skip
        if sign in signs:
            return signs[sign]
    raise Fault("unknown test")


def _exit(call: Call) -> int:
    text = call.argv[1] if len(call.argv) > 1 else ""
    status = int(text[-4:]) % 256 if text.isdecimal() and text.isascii() else call.shell.status
    raise Left(status)


def _export(call: Call) -> int:
    for word in call.argv[1:]:
        name, equals, value = word.partition("=")
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            call.err(f"export: `{word}': not a valid identifier")
            return 1
        if equals:
            call.shell.variables[name] = value
    return 0


def _unset(call: Call) -> int:
    for name in call.argv[1:]:
        call.shell.variables.pop(name, None)
    return 0


def _read(call: Call) -> int:
    names = [word for word in call.argv[1:] if not word.startswith("-")] or ["REPLY"]
    line = call.stdin.line() if call.stdin is not None else None
    if line is None:
        if call.stdin is None:
            call.note("read waits for somebody who types; in the lab nobody does.")
        return 1
    values = line.split(None, len(names) - 1)
    for index, name in enumerate(names):
        call.shell.variables[name] = values[index] if index < len(values) else ""
    return 0


def _sleep(call: Call) -> int:
    if len(call.argv) < 2:
        call.err("sleep: missing operand")
        return 1
    return 0


def _sh(call: Call) -> int:
    words = list(call.argv[1:])
    while words and re.fullmatch(r"-[exlui]+", words[0]):
        words.pop(0)
    inner = call.shell.inner()
    if words and re.fullmatch(r"-[elxu]*c", words[0]):
        if len(words) < 2:
            call.err(f"{call.argv[0]}: -c: option requires an argument")
            return 2
        text, stdin = words[1], call.stdin.rest() if call.stdin else None
    elif words:
        try:
            text, stdin = call.session.files.read(words[0]), None
        except FileFault as fault:
            call.err(f"{call.argv[0]}: {fault}")
            return 127
    elif call.stdin is not None:
        text, stdin = call.stdin.rest(), None
    else:
        call.note("You are in a shell already.")
        return 0
    result = inner.run(text, stdin)
    call.shell.left, call.shell.room = inner.left, inner.room
    call.chunks += result.chunks
    call.effects += result.effects
    return result.status


def _prefix(call: Call) -> int:
    """``sudo``, ``time``, ``nohup``, ``command``, ``exec``: what stands behind them is run."""
    words = list(call.argv[1:])
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-u", "-g") and words:
            words.pop(0)
    if not words:
        call.note(f"{call.argv[0]} is left out in the lab: you may do everything here.")
        return 0
    return _again(call, words)


def _again(call: Call, words: Sequence[str], stdin: Input | None = None) -> int:
    shell = call.shell
    shell.depth += 1
    if shell.depth > 20:
        raise Stopped("Commands stand too deep inside each other.")
    try:
        result = shell.execute(words, stdin or call.stdin)
    finally:
        shell.depth -= 1
    call.chunks += result.chunks
    call.effects += result.effects
    return result.status


def _watch(call: Call) -> int:
    words = list(call.argv[1:])
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-n", "--interval") and words:
            words.pop(0)
    if not words:
        call.err("watch: a command is missing")
        return 1
    call.note("watch runs its command once: nothing in the lab changes unless you change it.")
    if len(words) > 1:
        return _again(call, words)
    result = call.shell.inner().run(words[0])
    call.chunks += result.chunks
    call.effects += result.effects
    return result.status


def _xargs(call: Call) -> int:
    words = list(call.argv[1:])
    each, hole = 0, ""
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option[:2] in ("-n", "-L") and (option[2:] or words):
            text = option[2:] or words.pop(0)
            each = int(text[:6]) if text.isdecimal() and text.isascii() else 1
        elif option[:2] == "-I" and (option[2:] or words):
            hole = option[2:] or words.pop(0)
        elif option not in ("-r", "-t", "--no-run-if-empty"):
            call.err(f"xargs: the lab's xargs has no option {option}")
            return 1
    given = call.stdin.rest() if call.stdin else ""
    command = words or ["echo"]
    if hole:
        lines = [line for line in given.split("\n") if line.strip()]
        runs = [[word.replace(hole, line) for word in command] for line in lines]
    else:
        items = given.split()
        each = each or len(items)
        runs = [[*command, *items[at : at + each]] for at in range(0, len(items), each)] if items else []
    return max([_again(call, run, Input("")) for run in runs], default=0)


def _history(call: Call) -> int:
    for number, line in enumerate(call.session.history, 1):
        call.line(f"{number:5d}  {line}")
    return 0


def _alias(call: Call) -> int:
    aliases = call.session.aliases
    for word in call.argv[1:]:
        name, equals, value = word.partition("=")
        if equals and name:
            aliases[name] = value
        elif name in aliases:
            call.line(f"alias {name}='{aliases[name]}'")
        else:
            call.err(f"alias: {name}: not found")
            return 1
    if len(call.argv) == 1:
        for name, value in sorted(aliases.items()):
            call.line(f"alias {name}='{value}'")
    return 0


def _unalias(call: Call) -> int:
    return max([0 if call.session.aliases.pop(name, None) else 1 for name in call.argv[1:]], default=0)


def _type(call: Call) -> int:
    from kcnet.lab.commands import names

    known = set(names(call.shell))
    status = 0
    for name in [word for word in call.argv[1:] if not word.startswith("-")]:
        if name in known:
            call.line(f"/usr/bin/{name}" if call.argv[0] != "type" else f"{name} is known to the lab")
        else:
            call.err(f"{call.argv[0]}: no {name} here")
            status = 1
    return status


def _clear(call: Call) -> int:
    call.session.clearing = True
    return 0


def _date(call: Call) -> int:
    call.line(call.session.now().strftime("%a %b %e %H:%M:%S UTC %Y"))
    return 0


def _seq(call: Call) -> int:
    numbers = [int(word) for word in call.argv[1:] if re.fullmatch(r"-?\d{1,6}", word)]
    if not 1 <= len(numbers) <= 3 or len(numbers) != len(call.argv) - 1:
        call.err("seq: write seq LAST, seq FIRST LAST or seq FIRST STEP LAST")
        return 1
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) == 3 else 1
    if not step:
        call.err("seq: the step must not be 0")
        return 1
    found = range(first, numbers[-1] + (1 if step > 0 else -1), step)[:10_000]
    call.out("".join(f"{number}\n" for number in found))
    return 0


def filtered(call: Call) -> int:
    """grep, head, awk ...: the filter of that name over files or standard input."""
    name = call.argv[0]

    def read(names: Sequence[str]) -> str:
        if names:
            return "".join(_contents(call, one) for one in names)
        if call.stdin is None:
            raise Fault("reads what is typed: put a command and | before it, or name a file")
        return call.stdin.rest()

    try:
        found = FILTERS[name](call.argv[1:], read)
    except Fault as fault:
        call.err(f"{name}: {fault}")
        return USAGE_STATUS.get(name, 1)
    except FileFault as fault:
        call.err(f"{name}: {fault}")
        return USAGE_STATUS.get(name, 1)
    call.out(found.stdout)
    return found.status


def _contents(call: Call, name: str) -> str:
    if name == "-":
        return call.stdin.rest() if call.stdin else ""
    if call.place.kind == "outside":
        return call.session.files.read(name)
    # A file of a pod or a node is what its own cat shows.
    outcome = call.shell.outcome_of(["cat", name])
    if outcome.status:
        raise FileFault(name, "No such file or directory")
    return outcome.stdout


def _tee(call: Call) -> int:
    words = [word for word in call.argv[1:] if word not in ("-a", "--append", "-i")]
    text = call.stdin.rest() if call.stdin else ""
    status = 0
    for name in words:
        try:
            if call.place.kind != "outside" and name != "/dev/null":
                raise FileFault(name, f"the lab keeps no files on a {call.place.kind}")
            call.session.files.write(name, text, append=len(words) < len(call.argv) - 1)
        except FileFault as fault:
            call.err(f"tee: {fault}")
            status = 1
    call.out(text)
    return status


EVERYWHERE: dict[str, Command] = {
    "echo": _echo, "printf": _printf, "test": _test, "[": _test, "true": lambda call: 0, ":": lambda call: 0,
    "false": lambda call: 1, "exit": _exit, "logout": _exit, "export": _export, "unset": _unset, "read": _read,
    "sleep": _sleep, "sh": _sh, "bash": _sh, "ash": _sh, "sudo": _prefix, "time": _prefix, "nohup": _prefix,
    "command": _prefix, "watch": _watch, "xargs": _xargs, "clear": _clear, "date": _date, "seq": _seq, "tee": _tee,
    "set": lambda call: 0, "which": _type, "type": _type,
}  # fmt: skip

from kcnet.lab.ownmachine import OWN_MACHINE as _FILES  # noqa: E402

OWN_MACHINE: dict[str, Command] = {"history": _history, "alias": _alias, "unalias": _unalias, **_FILES}
"""Commands of the learner's own machine: its files, its history."""
