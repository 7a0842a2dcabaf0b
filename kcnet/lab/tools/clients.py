"""Clients of databases: whether they get a connection. What is in a database kcnet does not know."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from kcnet.lab.machine import Machine, Outcome, World
from kcnet.lab.tools.fetch import RequestError, Sent, send
from kcnet.model.trace import Verdict

_PORTS = {"redis-cli": 6379, "psql": 5432, "pg_isready": 5432, "mysql": 3306}


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    tool = argv[0]
    host, port, words = _place(tool, argv[1:])
    try:
        sent = send(world, machine, f"{host}:{port}")
    except RequestError as error:
        return Outcome(stderr=f"{tool}: {error.message}\n", status=1)
    shown = (sent.effect(tool),)
    if sent.verdict is not Verdict.DELIVERED:
        text, status = _failure(tool, sent, host, port)
        told = tool == "pg_isready" and sent.verdict not in (Verdict.EXTERNAL, Verdict.UNKNOWN)
        return Outcome(text if told else "", "" if told else text, status, shown)
    if tool == "redis-cli" and [word.lower() for word in words[:1]] == ["ping"]:
        return Outcome("PONG\n", "", 0, shown)
    if tool == "pg_isready":
        return Outcome(f"{host}:{port} - accepting connections\n", "", 0, shown)
    return Outcome("", "(lab) The connection stands. What the database says kcnet does not know.\n", 0, shown)


def _place(tool: str, words: Sequence[str]) -> tuple[str, int, list[str]]:
    host, port, rest = "127.0.0.1", _PORTS[tool], []
    left = list(words)
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if word in ("-h", "--host") and left:
            host = left.pop(0)
        elif name == "--host" and equals:
            host = value
        elif word.startswith("-h") and len(word) > 2:
            host = word[2:]
        elif word in ("-p", "-P", "--port") and left and left[0].isdecimal():
            port = int(left.pop(0)[:5])
        elif word in ("-U", "-u", "-d", "-c", "-e", "-a", "-n") and left:
            left.pop(0)
        elif "://" in word:
            host, port = _of_url(word, host, port)
        elif not word.startswith("-"):
            rest.append(word)
    return host, port, rest


def _of_url(text: str, host: str, port: int) -> tuple[str, int]:
    """``postgresql://USER@HOST:PORT/DATABASE``."""
    try:
        parts = urlsplit(text)
        return parts.hostname or host, parts.port or port
    except ValueError:
        return host, port


def _failure(tool: str, sent: Sent, host: str, port: int) -> tuple[str, int]:
    if sent.verdict in (Verdict.EXTERNAL, Verdict.UNKNOWN):
        return f"(lab) {sent.beyond}\n", 0
    why = {Verdict.REFUSED: "Connection refused", Verdict.TIMEOUT: "Connection timed out"}.get(sent.verdict, "")
    if tool == "redis-cli":
        return f"Could not connect to Redis at {host}:{port}: {why or 'Name or service not known'}\n", 1
    if tool == "pg_isready":
        return f"{host}:{port} - no response\n", 2
    if tool == "psql":
        if not why:
            return f'psql: error: could not translate host name "{host}" to address: Name or service not known\n', 2
        named = f'"{host}" ({sent.address})' if host != str(sent.address) else f'"{host}"'
        return (
            f"psql: error: connection to server at {named}, port {port} failed: {why}\n"
            "\tIs the server running on that host and accepting TCP/IP connections?\n"
        ), 2
    number = {Verdict.REFUSED: "(111)", Verdict.TIMEOUT: "(110)"}.get(sent.verdict, "(-2)")
    code = "2005" if not why else "2003"
    text = (
        f"Unknown MySQL server host '{host}' {number}"
        if not why
        else f"Can't connect to MySQL server on '{host}:{port}' {number}"
    )
    return f"ERROR {code} (HY000): {text}\n", 1
