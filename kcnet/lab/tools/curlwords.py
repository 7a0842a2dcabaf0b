"""The words of a curl command line: https://curl.se/docs/manpage.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_FLAGS = {
    "s": "silent", "S": "show-error", "v": "verbose", "i": "include", "I": "head", "L": "location", "k": "insecure",
    "f": "fail", "4": "ipv4", "6": "ipv6", "N": "no-buffer", "O": "remote-name", "g": "globoff", "#": "progress-bar",
    "0": "http1.0", "q": "disable", "J": "remote-header-name", "n": "netrc", "j": "junk-session-cookies",
}  # fmt: skip
_VALUED = {
    "o": "output", "w": "write-out", "m": "max-time", "H": "header", "X": "request", "d": "data", "A": "user-agent",
    "u": "user", "e": "referer", "b": "cookie", "c": "cookie-jar", "T": "upload-file", "x": "proxy", "E": "cert",
    "F": "form", "r": "range",
}  # fmt: skip
_LONG_FLAGS = frozenset((*_FLAGS.values(), "no-progress-meter", "fail-with-body", "http1.1", "http2", "compressed",
                         "get", "tlsv1.2", "tlsv1.3", "parallel", "no-keepalive", "insecure"))  # fmt: skip
_LONG_VALUED = frozenset((*_VALUED.values(), "connect-timeout", "resolve", "retry", "retry-delay", "cacert", "data-raw",
                          "json", "url", "interface", "key", "retry-max-time", "request-target",
                          "max-redirs", "connect-to"))  # fmt: skip


@dataclass(slots=True)
class Options:
    flags: set[str] = field(default_factory=set)
    values: dict[str, list[str]] = field(default_factory=dict)
    urls: list[str] = field(default_factory=list)

    def on(self, name: str) -> bool:
        return name in self.flags

    def text(self, name: str) -> str | None:
        return self.values[name][-1] if name in self.values else None

    def seconds(self, name: str) -> float | None:
        try:
            return float(self.text(name) or "")
        except ValueError:
            return None

    @property
    def quiet(self) -> bool:
        return self.on("silent") and not self.on("show-error")

    @property
    def method(self) -> str:
        posting = any(name in self.values for name in ("data", "data-raw", "json", "form"))
        return self.text("request") or ("HEAD" if self.on("head") else "POST" if posting else "GET")

    @property
    def host_header(self) -> str | None:
        for line in self.values.get("header", ()):
            name, _, value = line.partition(":")
            if name.strip().lower() == "host":
                return value.strip()
        return None


class UsageError(Exception):
    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def parse(words: Sequence[str]) -> Options:
    options = Options()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            options.urls += rest
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name in ("help", "version") or name in _LONG_FLAGS:
                options.flags.add(name)
            elif name in _LONG_VALUED:
                options.values.setdefault(name, []).append(value if equals else _value(rest, word))
            else:
                raise UsageError(
                    f"option {word}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information"
                )
        elif word.startswith("-") and word != "-":
            _short(options, word[1:], rest)
        else:
            options.urls.append(word)
    options.urls += options.values.get("url", [])
    for name in ("max-time", "connect-timeout"):
        if name in options.values and options.seconds(name) is None:
            raise UsageError(f"option --{name}: expected a proper numerical parameter\n"
                              "curl: try 'curl --help' or 'curl --manual' for more information")  # fmt: skip
    return options


def _short(options: Options, letters: str, rest: list[str]) -> None:
    for index, letter in enumerate(letters):
        if letter in ("h", "V"):
            options.flags.add({"h": "help", "V": "version"}[letter])
        elif letter in _FLAGS:
            options.flags.add(_FLAGS[letter])
        elif letter in _VALUED:
            value = letters[index + 1 :] or _value(rest, f"-{letter}")
            options.values.setdefault(_VALUED[letter], []).append(value)
            return
        else:
            raise UsageError(
                f"option -{letters}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information"
            )


def _value(rest: list[str], option: str) -> str:
    if not rest:
        raise UsageError(
            f"option {option}: requires parameter\ncurl: try 'curl --help' or 'curl --manual' for more information"
        )
    return rest.pop(0)
