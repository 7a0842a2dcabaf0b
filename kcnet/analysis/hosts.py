"""Names of hosts in texts: environment variables, arguments, and files of a program's settings.

A word counts as a host only where it surely stands for one: in a URL of a scheme that names hosts, before a port, or as
the value of something that is called host or address. What is none of these is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple


class Host(NamedTuple):
    """A host that somebody is told to call."""

    name: str
    """As it is written, without a dot at its end."""
    port: int | None
    url: str
    """As it would be asked for."""
    start: int
    """Of the name in the text."""


_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*)\.?"
_END = r"(?=[/?#,;\s\"'|)\]}<]|$)"
# Patterns that are looked for in long texts begin with a character that is rare in them.
_AUTHORITY = re.compile(rf"://(?:[^\s/@\"']*@)?{_HOST}(?::(?P<port>\d{{1,5}}))?{_END}")
_PORT = re.compile(rf":(?P<port>[1-9]\d{{1,4}}){_END}")
_WHOLE_PAIR = re.compile(rf"{_HOST}:(?P<port>\d{{2,5}})(?:/\S*)?")
_WHOLE = re.compile(_HOST)
_SETTING = re.compile(
    rf"^[ \t{{,-]*[\"']?(?P<key>[\w.-]+)[\"']?[ \t]*[:=][ \t]*(?P<quote>[\"']?){_HOST}(?P=quote)[,;]?[ \t\r]*$",
    re.MULTILINE,
)
_COMMAND = re.compile(
    r"(?:^|[\s;&|(`])(?:(?:nslookup|getent\s+hosts|ping|nc)(?:\s+-\w+(?:[ =]\d+)?)*"
    r"|(?:psql|pg_isready|mysql|mysqladmin|redis-cli|mongo|mongosh)\b[^;&|\n]*?\s(?:-h|--host))[ =]+"
    rf"{_HOST}(?:\s+(?P<port>[1-9]\d{{1,4}}))?(?=[\s;&|)]|$)"
)
_COMMANDS = ("nslookup", "getent", "ping ", "nc ", " -h ", "--host")
_COMMENT = re.compile(r"\s*(?:#|//|;|--|\*|<!--|/\*|rem\b)")
_GROUP = re.compile(rf"^\s*(?:upstream|backend|frontend|listen|cluster)\s+[\"']?(?P<name>{_LABEL})\b", re.MULTILINE)
_HOST_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.-"
_SCHEME_LETTERS = f"{_HOST_LETTERS}+"
_NO_START = frozenset("_+/:@$%\\}{ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""In front of a word these make it another thing than a host."""
_LONGEST = 100
"""Characters before a mark in which the word in front of it begins."""

_NAMES_A_HOST = re.compile(
    r"(?:^|[_.-])(?i:host|hostname|hosts|addr|address|server)$|(?<=[a-z])(?:Host|Hostname|Addr|Address|Server)$"
)
_NAMES_SOMETHING_ELSE = re.compile(r"AUTH|PASS|CRED|USER|SECRET|IMAGE|TOKEN|KEY|OWNER|CHOWN|VERSION|TAG", re.IGNORECASE)
_ACCEPTS_HOSTS = re.compile(r"ALLOW|TRUST|ORIGIN|VIRTUAL|BIND|LISTEN|NO_?PROXY|IGNORE", re.IGNORECASE)
"""Such a setting says who may call, or under which name; it tells nobody to call."""

_SCHEMES: Final[dict[str, int | None]] = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671,
    "mysql": 3306, "mariadb": 3306, "postgres": 5432, "postgresql": 5432, "mongodb": 27017, "nats": 4222, "ldap": 389,
    "ldaps": 636, "mqtt": 1883, "bolt": None, "cassandra": None, "clickhouse": None, "couchdb": None,
    "elasticsearch": None, "etcd": None, "ftp": 21, "git": None, "grpc": None, "grpcs": None, "h2c": None,
    "influxdb": None, "kafka": None, "memcache": None, "memcached": None, "neo4j": None, "otlp": None, "pulsar": None,
    "sftp": None, "smtp": None, "smtps": None, "socks5": None, "sqlserver": None, "ssh": None, "ssl": None,
    "stomp": None, "syslog": None, "tcp": None, "thrift": None, "tls": None, "udp": None, "zipkin": None,
}  # fmt: skip
"""Schemes in which the part behind ``//`` is looked up in DNS, and the port that a URL without one means, where every
client takes the same. s3, gs, file, balancer, lb and the like name something else; mongodb+srv asks for SRV records."""

_OTHER_FILES = (".md", ".html", ".htm", ".css", ".svg", ".pem", ".crt", ".key", ".pub", ".license", ".sql", ".csv")


def name_of_port(name: str) -> str:
    """Of the variable that usually stands beside one with a host: ``CART_PORT`` beside ``CART_HOST``; "" if there is
    none."""
    found = _NAMES_A_HOST.search(name)
    return f"{name[: found.start()]}_PORT" if found is not None and found[0][0] == "_" and found.start() else ""


def in_value(name: str, text: str, port: int | None = None) -> Iterator[Host]:
    """Of an environment variable: URLs, and hosts that are the whole value or an item of a list. ``port``: what a
    variable beside it says for a host without one."""
    if _ACCEPTS_HOSTS.search(name):
        return
    if port is not None and _WHOLE.fullmatch(text) and _NAMES_A_HOST.search(name):
        yield Host(text.rstrip("."), port, f"{text.rstrip('.')}:{port}", 0)
        return
    if "://" in text:
        yield from _urls(text)
        return
    bare = bool(_NAMES_A_HOST.search(name))
    if " " in text or (not bare and _NAMES_SOMETHING_ELSE.search(name)):
        return
    for item in re.finditer(r"[^,;]+", text):
        found = _whole(item[0], item.start(), bare=bare)
        if found is not None:
            yield found


def in_argument(text: str) -> Iterator[Host]:
    """Of a command line: as a value, or a whole script."""
    name, equals, value = text.partition("=")
    if " " in text or "\n" in text:
        yield from in_file("", text)
    elif text.startswith("-") and equals and "://" not in name:
        yield from (host._replace(start=host.start + len(name) + 1) for host in in_value(name, value))
    else:
        yield from in_value("", text)


def in_file(name: str, text: str, groups: Collection[str] = ()) -> Iterator[Host]:
    """Of a file ``name``, but for comments. ``groups``: names that the settings give to lists of servers."""
    if name.lower().endswith(_OTHER_FILES):
        return
    found = [*_urls(text), *_pairs(text), *_settings(text), *_commands(text)]
    for host in sorted(dict.fromkeys(found), key=lambda host: host.start):
        line = text.rfind("\n", 0, host.start) + 1
        told_to_call = not (_COMMENT.match(text, line, host.start) or _ACCEPTS_HOSTS.search(text, line, host.start))
        if told_to_call and host.name not in groups:
            yield host


def groups_in(text: str) -> frozenset[str]:
    """Names of lists of servers, as a proxy's settings define them: ``upstream carts {``."""
    return frozenset(found["name"] for found in _GROUP.finditer(text))


def _urls(text: str) -> Iterator[Host]:
    for found in _AUTHORITY.finditer(text):
        written = _word_before(text, found.start(), _SCHEME_LETTERS)
        name, _, more = written.partition("+")
        if name not in _SCHEMES or more == "srv":
            continue
        host = found["host"]
        url = f"{name}://{host}" if name in ("http", "https") else host
        shown = f"{url}:{found['port']}" if found["port"] else url
        yield Host(host, int(found["port"]) if found["port"] else _SCHEMES[name], shown, found.start("host"))


def _pairs(text: str) -> Iterator[Host]:
    for found in _PORT.finditer(text):
        host, port = _word_before(text, found.start(), _HOST_LETTERS), int(found["port"])
        start = found.start() - len(host)
        if port < 80 or not _WHOLE.fullmatch(host) or text[start - 1 : start] in _NO_START:
            continue
        if not _NAMES_SOMETHING_ELSE.search(text, text.rfind("\n", 0, start) + 1, start):
            yield Host(host.rstrip("."), port, f"{host}:{port}", start)


def _word_before(text: str, end: int, letters: str) -> str:
    before = text[max(0, end - _LONGEST) : end]
    return before[len(before.rstrip(letters)) :]


def _settings(text: str) -> Iterator[Host]:
    for found in _SETTING.finditer(text):
        if _NAMES_A_HOST.search(found["key"]):
            yield Host(found["host"], None, found["host"], found.start("host"))


def _commands(text: str) -> Iterator[Host]:
    if any(word in text for word in _COMMANDS):
        for found in _COMMAND.finditer(text):
            port = int(found["port"]) if found["port"] else None
            shown = f"{found['host']}:{port}" if port else found["host"]
            yield Host(found["host"], port, shown, found.start("host"))


def _whole(item: str, start: int, *, bare: bool) -> Host | None:
    text = item.strip()
    start += item.index(text) if text else 0
    pair = _WHOLE_PAIR.fullmatch(text)
    if pair is not None and int(pair["port"]) >= 80:
        return Host(pair["host"], int(pair["port"]), f"{pair['host']}:{pair['port']}", start)
    alone = _WHOLE.fullmatch(text) if bare else None
    return Host(alone["host"], None, alone["host"], start) if alone else None
