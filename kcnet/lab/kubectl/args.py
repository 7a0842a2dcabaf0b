"""kubectl's words and flags, as pflag reads them: flags stand anywhere, ``-n shop``, ``-nshop``, ``-it``, ``-o=wide``.

A verb states its flags as one text. Before ``=`` stand the long name and, behind a comma, the short one; behind it the
type. ``~`` marks flags that exist and change nothing in the lab (nothing waits there, nothing is validated less), ``!``
those that exist and that the lab does not simulate, which is said.
https://kubernetes.io/docs/reference/kubectl/generated/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple


class UsageFault(Exception):  # noqa: N818
    """The command line is wrong; the text is what kubectl prints behind ``error: ``."""

    def __init__(self, message: str, *, usage: bool = True, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.usage = usage
        """Whether kubectl points at the help of the command."""
        self.hint = hint
        """What the lab adds."""


class Flag(NamedTuple):
    name: str
    short: str
    kind: str
    """``bool``, ``str``, ``int``, ``list`` (repeats, and commas separate) or ``each`` (repeats, commas are text)."""
    bare: str | None = None
    """Its value where it is given none; None: it must be given one."""
    note: str = ""
    """``~``: changes nothing; ``!``: not simulated."""


GLOBAL = (
    "namespace,n=str ~kubeconfig=str ~request-timeout=str ~v,v=str ~insecure-skip-tls-verify=bool "
    "~match-server-version=bool ~cache-dir=str ~warnings-as-errors=bool ~context=str ~cluster=str ~user=str "
    "!as=str !as-group=str !as-uid=str !server,s=str !token=str !certificate-authority=str !client-certificate=str "
    "!client-key=str !tls-server-name=str !username=str !password=str !profile=str !profile-output=str "
    "~disable-compression=bool ~log-flush-frequency=str !vmodule=str help,h=bool"
)
OUTPUT = "output,o=str ~allow-missing-template-keys=bool show-managed-fields=bool template=str"
FILES = "filename,f=list recursive,R=bool !kustomize,k=str"
DRY_RUN = "dry-run=str?unchanged ~field-manager=str"
VALIDATE = "~validate=str?strict"
WRITING = f"{OUTPUT} {DRY_RUN}"
ENDING = "~cascade=str?background ~force=bool ~grace-period=int ~timeout=str ~wait=bool ~now=bool"


@lru_cache(maxsize=256)
def flags_of(text: str) -> Mapping[str, Flag]:
    """The flags that a text states, by long name and by short one (``-n``)."""
    found: dict[str, Flag] = {}
    for word in text.split():
        note = word[0] if word[0] in "~!" else ""
        names, _, kind = word.lstrip("~!").partition("=")
        long, _, short = names.partition(",")
        kind, question, bare = kind.partition("?")
        flag = Flag(long, short, kind, "true" if kind == "bool" else bare if question else None, note)
        found[f"--{long}"] = flag
        if short:
            found[f"-{short}"] = flag
    return found


@dataclass(slots=True)
class Args:
    """A command line taken apart."""

    words: list[str] = field(default_factory=list)
    behind: list[str] | None = None
    """Words behind ``--``; None if there is no ``--``."""
    values: dict[str, list[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        return self.values[name][-1] if name in self.values else default

    def on(self, name: str, default: bool = False) -> bool:
        return self.values[name][-1] == "true" if name in self.values else default

    def number(self, name: str, default: int | None = None) -> int | None:
        return int(self.values[name][-1]) if name in self.values else default

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])


def take_apart(argv: Sequence[str], flags: Mapping[str, Flag], command: str = "") -> Args:
    """Raises UsageFault in pflag's words."""
    args = Args()
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            args.behind = rest
            break
        if word.startswith("--"):
            _long(word, rest, flags, args)
        elif word.startswith("-") and len(word) > 1:
            _shorts(word, rest, flags, args)
        else:
            args.words.append(word)
    return args


def _long(word: str, rest: list[str], flags: Mapping[str, Flag], args: Args) -> None:
    name, equals, value = word.partition("=")
    if len(name) == 2 or name.startswith("---"):
        raise UsageFault(f"bad flag syntax: {word}")
    flag = flags.get(name)
    if flag is None:
        raise UsageFault(f"unknown flag: {name}", hint=_near(name, flags))
    if not equals:
        if flag.bare is not None:
            value = flag.bare
        elif rest:
            value = rest.pop(0)
        else:
            raise UsageFault(f"flag needs an argument: {name}")
    _set(flag, value, args)


def _shorts(word: str, rest: list[str], flags: Mapping[str, Flag], args: Args) -> None:
    letters = word[1:]
    while letters:
        flag = flags.get(f"-{letters[0]}")
        if flag is None:
            raise UsageFault(f"unknown shorthand flag: '{letters[0]}' in -{letters}", hint=_near(word, flags))
        shown, after = letters, letters[1:]
        if after.startswith("="):
            _set(flag, after[1:], args)
            return
        if flag.bare is not None:
            _set(flag, flag.bare, args)
            letters = after
            continue
        if not after and not rest:
            raise UsageFault(f"flag needs an argument: '{letters[0]}' in -{shown}")
        _set(flag, after or rest.pop(0), args)
        return


def _set(flag: Flag, value: str, args: Args) -> None:
    if flag.note == "!":
        raise UsageFault(
            f"kubectl has the flag --{flag.name}, but the lab does not simulate it", usage=False, hint="Leave it out."
        )
    shown = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
    if flag.kind == "bool":
        if value not in _BOOLS:
            raise UsageFault(
                f'invalid argument "{value}" for "{shown}" flag: strconv.ParseBool: parsing "{value}": invalid syntax'
            )
        value = _BOOLS[value]
    elif flag.kind == "int":
        wrong = "" if re.fullmatch(r"[+-]?[0-9]+", value) else "invalid syntax"
        if not wrong and abs(int(value[:12])) >= 2**31:
            wrong = "value out of range"
        if wrong:
            raise UsageFault(
                f'invalid argument "{value}" for "{shown}" flag: strconv.ParseInt: parsing "{value}": {wrong}'
            )
    values = value.split(",") if flag.kind == "list" and not value.startswith("{") else [value]
    args.values.setdefault(flag.name, []).extend(values)


_BOOLS = {
    **dict.fromkeys(("true", "True", "TRUE", "t", "T", "1"), "true"),
    **dict.fromkeys(("false", "False", "FALSE", "f", "F", "0"), "false"),
}


def _near(word: str, flags: Iterable[str]) -> str:
    from kcnet.lab.nearest import nearest

    if word.startswith("-") and not word.startswith("--") and len(word) > 2:
        # -image and -all are long flags that lack a dash.
        if f"-{word.partition('=')[0]}" in flags:
            return f"A long flag has two dashes: -{word}"
        return ""
    found = nearest(word.lstrip("-"), [flag[2:] for flag in flags if flag.startswith("--")])
    return f"Did you mean --{found}?" if found else ""
