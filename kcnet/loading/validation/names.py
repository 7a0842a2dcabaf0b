"""The syntax of names: each function returns what is wrong with a value, in the API server's words; () if nothing.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and, for the words,
staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go of kubernetes/kubernetes.
"""

from __future__ import annotations

import re
from functools import lru_cache

Messages = tuple[str, ...]
OK: Messages = ()

_LABEL_FORMAT = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_FORMAT = rf"{_LABEL_FORMAT}(\.{_LABEL_FORMAT})*"
_WILDCARD_FORMAT = rf"\*\.{_SUBDOMAIN_FORMAT}"
_UNDERSCORE_LABEL_FORMAT = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORE_SUBDOMAIN_FORMAT = rf"{_UNDERSCORE_LABEL_FORMAT}(\.{_UNDERSCORE_LABEL_FORMAT})*"
_QUALIFIED_FORMAT = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE_FORMAT = f"({_QUALIFIED_FORMAT})?"
_CONFIG_KEY_FORMAT = "[-._a-zA-Z0-9]+"
_HEADER_FORMAT = "[-A-Za-z0-9]+"
_HTTP_PATH_FORMAT = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"

_is_label = re.compile(_LABEL_FORMAT).fullmatch
_is_subdomain = re.compile(_SUBDOMAIN_FORMAT).fullmatch
_is_wildcard = re.compile(_WILDCARD_FORMAT).fullmatch
_is_underscore_subdomain = re.compile(_UNDERSCORE_SUBDOMAIN_FORMAT).fullmatch
_is_qualified = re.compile(_QUALIFIED_FORMAT).fullmatch
_is_config_key = re.compile(_CONFIG_KEY_FORMAT).fullmatch
_is_header = re.compile(_HEADER_FORMAT).fullmatch
_is_http_path = re.compile(_HTTP_PATH_FORMAT).fullmatch
_is_printable_ascii = re.compile(r"[ -<>-~]+").fullmatch
"""Every printable ASCII character but the equals sign."""

_MANY = 4096
"""Names and labels repeat from object to object; what was judged once is remembered."""


def longer_than(most: int) -> str:
    return f"must be no more than {most} bytes"


def _mismatch(message: str, expression: str, *examples: str) -> str:
    if not examples:
        return f"{message} (regex used for validation is '{expression}')"
    shown = "".join(f"{' or ' if index else ''}'{example}', " for index, example in enumerate(examples))
    return f"{message} (e.g. {shown}regex used for validation is '{expression}')"


def _length(value: str) -> int:
    """In bytes, as the API server counts."""
    return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))


@lru_cache(_MANY)
def dns_label(value: str) -> Messages:
    """RFC 1123 label: namespaces, Services, port names of Services, containers."""
    long = (longer_than(63),) if _length(value) > 63 else OK
    if _is_label(value):
        return long
    if _is_subdomain(value):
        return (*long, "must not contain dots")
    return (
        *long,
        _mismatch(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
            "and must start and end with an alphanumeric character",
            _LABEL_FORMAT,
            "my-name",
            "123-abc",
        ),
    )


@lru_cache(_MANY)
def dns_subdomain(value: str) -> Messages:
    """RFC 1123 subdomain: the names of most objects."""
    long = (longer_than(253),) if _length(value) > 253 else OK
    if _is_subdomain(value):
        return long
    return (
        *long,
        _mismatch(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            "and must start and end with an alphanumeric character",
            _SUBDOMAIN_FORMAT,
            "example.com",
        ),
    )


def search_domain(value: str) -> Messages:
    """An entry of a resolver's search list: a subdomain that may have underscores, or a lone dot.

    One trailing dot is allowed.
    """
    if value == ".":
        return OK
    name = value.removesuffix(".")
    long = (longer_than(253),) if _length(name) > 253 else OK
    if _is_underscore_subdomain(name):
        return long
    return (
        *long,
        _mismatch(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
            "and must start and end with an alphanumeric character",
            _UNDERSCORE_SUBDOMAIN_FORMAT,
            "example.com",
        ),
    )


def wildcard_subdomain(value: str) -> Messages:
    """``*.`` and a subdomain."""
    long = (longer_than(253),) if _length(value) > 253 else OK
    if _is_wildcard(value):
        return long
    return (
        *long,
        _mismatch(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
            "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            _WILDCARD_FORMAT,
            "*.example.com",
        ),
    )


def host(value: str) -> Messages:
    """A host of an Ingress: a wildcard if it holds a star, else a subdomain."""
    return wildcard_subdomain(value) if "*" in value else dns_subdomain(value)


def fully_qualified(value: str) -> Messages:
    """An address of an EndpointSlice of type FQDN: at least two labels, one trailing dot allowed."""
    name = value.removesuffix(".")
    wrong = dns_subdomain(name)
    if wrong:
        return (",".join(wrong),)
    labels = name.split(".")
    if len(labels) < 2:
        return ("should be a domain with at least two segments separated by dots",)
    return tuple(",".join(dns_label(label)) for label in labels if dns_label(label))[:1]


@lru_cache(_MANY)
def qualified_name(value: str) -> Messages:
    """A label key: an optional DNS subdomain and a slash, then at most 63 letters, digits, ``-``, ``_`` and ``.``."""
    if _is_qualified(value) and len(value) <= 63:
        return OK
    expected = _mismatch(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        "character",
        _QUALIFIED_FORMAT,
        "MyName",
        "my.name",
        "123-abc",
    )
    parts = value.split("/")
    if len(parts) > 2:
        optional = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return (f"a qualified name {expected}{optional}",)
    wrong: list[str] = []
    if len(parts) == 2:
        wrong += [f"prefix part {message}" for message in _prefix(parts[0])]
    name = parts[-1]
    if not name:
        wrong.append("name part must be non-empty")
    elif _length(name) > 63:
        wrong.append(f"name part {longer_than(63)}")
    if not _is_qualified(name):
        wrong.append(f"name part {expected}")
    return tuple(wrong)


def _prefix(value: str) -> Messages:
    return dns_subdomain(value) if value else ("must be non-empty",)


@lru_cache(_MANY)
def label_value(value: str) -> Messages:
    """Empty, or at most 63 letters, digits, ``-``, ``_`` and ``.`` that begin and end with a letter or digit."""
    long = (longer_than(63),) if _length(value) > 63 else OK
    if not value or _is_qualified(value):
        return long
    return (
        *long,
        _mismatch(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
            "and must start and end with an alphanumeric character",
            _LABEL_VALUE_FORMAT,
            "MyValue",
            "my_value",
            "12345",
        ),
    )


def port_name(value: str) -> Messages:
    """IANA service name: container ports, named target ports. At most 15 characters, at least one letter.

    https://www.rfc-editor.org/rfc/rfc6335 (lower case alone is allowed)
    """
    wrong: list[str] = []
    if _length(value) > 15:
        wrong.append(longer_than(15))
    if not value or value.strip("abcdefghijklmnopqrstuvwxyz0123456789-"):
        wrong.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= char <= "z" for char in value):
        wrong.append("must contain at least one letter (a-z)")
    if "--" in value:
        wrong.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        wrong.append("must not begin or end with a hyphen")
    return tuple(wrong)


def port_number(value: float) -> Messages:
    return OK if 1 <= value <= 65535 else ("must be between 1 and 65535, inclusive",)


def env_var_name(value: str) -> Messages:
    """Printable ASCII without ``=`` (since Kubernetes 1.34; before, much less)."""
    if _is_printable_ascii(value):
        return OK
    return ("a valid environment variable name must consist only of printable ASCII characters other than '='",)


def config_key(value: str) -> Messages:
    """A key of a Secret or ConfigMap."""
    long = (longer_than(253),) if _length(value) > 253 else OK
    if value == ".":
        return (*long, "must not be '.'")
    if value.startswith(".."):
        return (*long, "must not start with '..'" if value != ".." else "must not be '..'")
    if _is_config_key(value):
        return long
    return (
        *long,
        _mismatch(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            _CONFIG_KEY_FORMAT,
            "key.name",
            "KEY_NAME",
            "key-name",
        ),
    )


def http_header(value: str) -> Messages:
    if _is_header(value):
        return OK
    message = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return (_mismatch(message, _HEADER_FORMAT, "X-Header-Name"),)


def path_segment(value: str) -> Messages:
    """A kind or name that becomes a part of a URL."""
    if value in (".", ".."):
        return (f"may not be '{value}'",)
    return tuple(f"may not contain '{char}'" for char in "/%" if char in value)


def domain_prefixed_path(value: str) -> tuple[tuple[str, str], ...]:
    """``example.com/name``, as the controller of an IngressClass. Pairs of the wrong part and what is wrong with it."""
    domain, slash, path = value.partition("/")
    if not slash or not domain or not path:
        return ((value, 'must be a domain-prefixed path (such as "acme.io/foo")'),)
    wrong = tuple((domain, message) for message in dns_subdomain(domain))
    if not _is_http_path(path):
        return (*wrong, (path, _mismatch("Invalid path", _HTTP_PATH_FORMAT)))
    return wrong


def as_prefix(value: str) -> str:
    """A ``generateName`` as it is checked: a trailing hyphen is fine, for characters are appended."""
    return f"{value[:-2]}a" if len(value) > 1 and value.endswith("-") else value
