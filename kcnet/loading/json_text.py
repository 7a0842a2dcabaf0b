"""JSON text to plain values, one Kubernetes object at a time, as ``yaml_text`` does for YAML.

Several documents may follow each other, with or without a separator of lines; the items of a List are decoded one by
one. Stricter than Python's own reader: no duplicate keys, no NaN, no text after the last document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any

from kcnet.loading.parsed import Fault, Parsed
from kcnet.loading.scalars import whole

_BLANK = re.compile(r"[ \t\r\n]*")
_SURROGATES = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F]..|.)")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class _NotANumberError(ValueError):
    pass


def parse_json(text: str, start: int = 0) -> Iterator[Parsed]:
    """Every document of ``text`` from ``start`` on, in order; before a document that has a list ``items``, those items.

    The first document that is not JSON has a fault, and is the last that is given.
    """
    reader = _Reader(_without_lone_surrogates(text))
    index = reader.skip(start)
    while index < len(text):
        start = index
        try:
            for parsed in reader.document(start):
                yield parsed
                index = parsed.end
        except JSONDecodeError as error:
            fault = Fault(code="JSON_SYNTAX", index=error.pos, detail=error.msg)
        except _NotANumberError as error:
            found = re.compile(re.escape(str(error))).search(text, start)
            fault = Fault(code="JSON_NOT_A_NUMBER", index=found.start() if found else start, detail=str(error))
        except RecursionError:
            fault = Fault(code="YAML_DEPTH", index=start)
        except ValueError as error:
            fault = Fault(code="JSON_SYNTAX", index=start, detail=str(error))
        else:
            index = reader.skip(index)
            continue
        yield Parsed(value=None, start=start, end=len(text), faults=[fault])
        return


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.duplicate = False
        self.decode = JSONDecoder(
            object_pairs_hook=self.mapping, parse_float=_float, parse_constant=_constant
        ).raw_decode

    def skip(self, index: int) -> int:
        found = _BLANK.match(self.text, index)
        assert found is not None
        return found.end()

    def mapping(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            self.duplicate = True
        return result

    def parsed(self, value: Any, start: int, end: int, *, item: bool) -> Parsed:
        faults = duplicate_keys(self.text, start, end) if self.duplicate else []
        self.duplicate = False
        return Parsed(value=value, start=start, end=end, faults=faults, item=item)

    def document(self, start: int) -> Iterator[Parsed]:
        """The document that begins at ``start``, after its items if it has any."""
        text = self.text
        if text[start] != "{":
            value, end = self.decode(text, start)
            yield self.parsed(value, start, end, item=False)
            return
        pairs: list[tuple[str, Any]] = []
        index = self.skip(start + 1)
        if text[index : index + 1] == "}":
            yield self.parsed({}, start, index + 1, item=False)
            return
        while True:
            if text[index : index + 1] != '"':
                raise JSONDecodeError("Expecting property name enclosed in double quotes", text, index)
            key, index = self.decode(text, index)
            index = self.expect(":", index)
            if key == "items" and text[index : index + 1] == "[":
                value = []
                index = self.skip(index + 1)
                while text[index : index + 1] != "]":
                    item, end = self.decode(text, index)
                    if isinstance(item, dict):
                        yield self.parsed(item, index, end, item=True)
                    else:
                        value.append(item)
                    index = self.skip(end)
                    if text[index : index + 1] != "]":
                        index = self.expect(",", index)
                        if text[index : index + 1] == "]":
                            raise JSONDecodeError("Illegal trailing comma before end of array", text, index)
                index += 1
            else:
                value, index = self.decode(text, index)
            pairs.append((key, value))
            index = self.skip(index)
            if text[index : index + 1] == "}":
                yield self.parsed(self.mapping(pairs), start, index + 1, item=False)
                return
            index = self.expect(",", index)

    def expect(self, mark: str, index: int) -> int:
        index = self.skip(index)
        if self.text[index : index + 1] != mark:
            raise JSONDecodeError(f"Expecting '{mark}' delimiter", self.text, index)
        return self.skip(index + 1)


def _float(word: str) -> str | int | float:
    return whole(float(word), word)


def _constant(word: str) -> Any:
    raise _NotANumberError(word)


def _without_lone_surrogates(text: str) -> str:
    """Half of a pair in an escape becomes U+FFFD, as in Go; it could not be printed. Offsets stay the same."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _SURROGATES.sub(lambda found: "\\ufffd" if len(found[0]) == 6 else found[0], text)


def tokens(text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """The words and marks of JSON that is known to be well-formed, with their offsets."""
    for found in _TOKEN.finditer(text, start, end):
        yield found[0], found.start()


def duplicate_keys(text: str, start: int, end: int) -> list[Fault]:
    faults = []
    seen: list[dict[str, int] | None] = []
    previous, previous_index = "", start
    for word, index in tokens(text, start, end):
        if word == "{":
            seen.append({})
        elif word == "[":
            seen.append(None)
        elif word in ("}", "]"):
            seen.pop()
        elif word == ":" and seen and (keys := seen[-1]) is not None:
            first = keys.setdefault(previous, previous_index)
            if first != previous_index:
                detail = previous.strip('"')
                faults.append(Fault(code="YAML_DUPLICATE_KEY", index=previous_index, detail=detail, first=first))
        previous, previous_index = word, index
    return faults
