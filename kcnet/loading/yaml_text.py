"""YAML text to plain values, one Kubernetes object at a time.

libyaml's events are folded straight into dicts and lists: there is no tree of nodes, and no tag is ever executed. The
items of a List are given out one by one, so a big dump needs the memory of one object. Only offsets are kept; lines of
fields are worked out when a message asks for them (``positions``).

A syntax error ends one document; reading goes on at the next line that begins with ``---``, as in kubectl, which splits
the text there before it parses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from kcnet.loading.parsed import MAX_DEPTH, Fault, Parsed
from kcnet.loading.scalars import NUMERIC, WORDS, key_text, number, resolve

MAX_ALIASED: Final = 100_000
"""Values that the aliases of one document may repeat, each counted with all that it holds."""

MERGE: Final = "".join(("<", "<"))
"""The unquoted key ``<<``, told by identity from a quoted one."""

_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML forbids everywhere, https://yaml.org/spec/1.1/#c-printable"""
_STANDARD: Final = "tag:yaml.org,2002:"

GetEvent = Callable[[], Any]
"""Gives the next of libyaml's events."""


def parse_yaml(text: str, start: int = 0) -> Iterator[Parsed]:
    """Every document of ``text`` from ``start`` on, in order; before a document that has a list ``items``, those items.

    A document that cannot be read has faults. An empty document is left out.
    """
    import yaml

    end = len(text)
    if UNPRINTABLE.search(text, start):  # the parser reads ahead, so it would give up too early
        end = _next_document(text, start)
    while True:
        reader = _Reader(text, start, end)
        try:
            yield from reader.documents()
        except _StopReadingError as stop:
            fault = stop.fault
        except yaml.reader.ReaderError as error:
            unprintable = UNPRINTABLE.search(text, start)
            fault = Fault(
                code="YAML_CHARACTER", index=unprintable.start() if unprintable else start, detail=str(error.reason)
            )
        except yaml.MarkedYAMLError as error:
            fault = _syntax_fault(error, start, reader.document_start)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            fault = Fault(code="YAML_SYNTAX", index=reader.document_start, detail=str(error))
        else:
            if end == len(text):
                return
            start, end = end, _next_document(text, end)
            continue
        begin = reader.document_start
        end = _next_document(text, begin)
        yield Parsed(value=None, start=begin, end=end, faults=[*reader.faults, fault])
        if end == len(text):
            return
        start, end = end, _next_document(text, end)


def _syntax_fault(error: Any, start: int, document_start: int) -> Fault:
    """What libyaml says, at the place that a person would look at first."""
    said = ": ".join(part for part in (error.context, error.problem) if part)
    problem, context = error.problem_mark, error.context_mark
    if context and re.search("quoted scalar: found unexpected|simple key", said):
        problem = context  # the parser notices much later
    index = start + problem.index if problem else document_start
    if "maximum nesting depth" in said:  # libyaml's own limit, met while it reads ahead
        return Fault(code="YAML_DEPTH", index=index)
    return Fault(code="YAML_SYNTAX", index=index, detail=said, first=start + context.index if context else None)


def _next_document(text: str, start: int) -> int:
    """Where the document after the one that begins at ``start`` begins, or the end of the text."""
    found = _SEPARATOR.search(text, start + 1)
    return found.start() if found else len(text)


def events(text: str) -> GetEvent:
    """libyaml's parser; in pure Python (the same events, slowly) where PyYAML was built without it."""
    import yaml

    try:
        from yaml._yaml import CParser
    except ImportError:
        return yaml.SafeLoader(text).get_event
    get_event: GetEvent = CParser(text).get_event
    return get_event


class _StopReadingError(Exception):
    """A fault that ends the document."""

    def __init__(self, code: str, index: int, detail: str = "") -> None:
        super().__init__(code)
        self.fault = Fault(code=code, index=index, detail=detail)


class _Reader:
    """Reads ``text[start:end]``."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.start = start
        self.document_start = start
        self.faults: list[Fault] = []
        self.is_second_object = False
        self.keys: dict[str, str] = {}
        self.text = text if end - start == len(text) else text[start:end]

    def documents(self) -> Iterator[Parsed]:
        import yaml

        get_event = events(self.text)
        while True:
            event = get_event()
            if event.__class__ is yaml.DocumentStartEvent:
                mark: Any = event.start_mark
                self.document_start = self.start + mark.index
                self.faults = []
                self.is_second_object = False
                yield from self.document(get_event)
            elif event.__class__ is yaml.StreamEndEvent:
                return

    def document(self, get_event: GetEvent) -> Iterator[Parsed]:
        """Folds the events of one document.

        ``container`` is what is being filled, and ``key`` the key that waits for its value; None while a mapping
        waits for its next key. ``stack`` holds the same of the parents.
        """
        from yaml import AliasEvent, DocumentEndEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

        words, numeric, keys = WORDS, NUMERIC, self.keys
        container: Any = None
        is_map = False
        key: str | None = None
        stack: list[Frame] = []
        root: Any = None
        items: list[Any] | None = None  # the list under the document's key "items"
        first = last = item = self.start
        anchors: dict[str, Any] = {}
        open_anchors: dict[int, str] = {}
        merged: dict[int, set[str]] = {}  # keys of each open mapping that only a merge has set so far
        aliased = 0

        while True:
            event = get_event()
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                if is_map and key is None:
                    quoted = event.style or event.tag is not None
                    key = value if quoted else keys.get(value) or self.plain_key(event)
                    if event.anchor is not None:
                        anchors[event.anchor] = key
                    if key in container and not (merged and key in merged.get(id(container), ())):
                        self.duplicate(event, key, [*stack, (container, is_map, key)], items)
                    continue
                if event.tag is not None:
                    value = self.tagged(event)
                elif not event.style:
                    plain = words.get(value, value)
                    value = number(value) if plain is value and value[0] in numeric else plain
                if event.anchor is not None:
                    anchors[event.anchor] = value
                if container is None:
                    first, last = event.start_mark.index, event.end_mark.index
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                container, is_map, key = stack.pop()
                if open_anchors and id(value) in open_anchors:
                    anchors[open_anchors.pop(id(value))] = value
                if merged:
                    merged.pop(id(value), None)
                if container is None:
                    last = event.end_mark.index
                elif container is items and kind is MappingEndEvent:
                    yield self.parsed(value, item, event.end_mark.index, item=True)
                    continue
            elif kind is AliasEvent:
                name = event.anchor
                if name not in anchors:
                    code = "YAML_ALIAS_LOOP" if name in open_anchors.values() else "YAML_ALIAS_UNKNOWN"
                    raise self.stop(code, event, name)
                value = anchors[name]
                aliased += size(value, MAX_ALIASED - aliased)
                if aliased >= MAX_ALIASED:
                    raise self.stop("YAML_ALIAS_BOMB", event, name)
                if is_map and key is None:
                    if isinstance(value, (dict, list)):
                        raise self.stop("YAML_KEY", event)
                    key = key_text(value)
                    if key in container:
                        self.duplicate(event, key, [*stack, (container, is_map, key)], items)
                    continue
            elif kind is DocumentEndEvent:
                if root is not None or self.faults:
                    yield self.parsed(root, first, last, item=False)
                return
            else:
                mapping = kind is MappingStartEvent
                if is_map and key is None:
                    raise self.stop("YAML_KEY", event)
                if len(stack) >= MAX_DEPTH:
                    raise self.stop("YAML_DEPTH", event)
                if event.tag not in (None, "!", _STANDARD + ("map" if mapping else "seq")):
                    self.fault("YAML_TAG", event, shown_tag(event.tag))
                opened: Any = {} if mapping else []
                if container is None:
                    first = event.start_mark.index
                elif container is items:
                    item = event.start_mark.index
                elif len(stack) == 1 and key == "items" and not mapping:
                    items = opened
                if event.anchor is not None:
                    open_anchors[id(opened)] = event.anchor
                    anchors.pop(event.anchor, None)
                stack.append((container, is_map, key))
                container, is_map, key = opened, mapping, None
                continue

            if is_map:
                if key is MERGE:
                    self.merge(event, container, value, merged.setdefault(id(container), set()))
                else:
                    container[key] = value
                    if merged:
                        merged.get(id(container), set()).discard(key or "")
                key = None
            elif container is not None:
                container.append(value)
            else:
                root = value

    def parsed(self, value: Any, first: int, last: int, *, item: bool) -> Parsed:
        faults, self.faults = self.faults, []
        return Parsed(value=value, start=self.start + first, end=self.start + last, faults=faults, item=item)

    def fault(self, code: str, event: Any, detail: str = "", path: str = "") -> None:
        self.faults.append(Fault(code=code, index=self.start + event.start_mark.index, detail=detail, path=path))

    def stop(self, code: str, event: Any, detail: str = "") -> _StopReadingError:
        return _StopReadingError(code, self.start + event.start_mark.index, detail)

    def plain_key(self, event: Any) -> str:
        """The text of an unquoted key, remembered for the next time."""
        word = event.value
        value = resolve(word)
        if value is None:
            self.fault("YAML_NULL_KEY", event, word)
            return "null"
        if len(self.keys) > 10_000:
            self.keys.clear()
        self.keys[word] = MERGE if word == MERGE else key_text(value)
        return self.keys[word]

    def tagged(self, event: Any) -> Any:
        """The value of a scalar with an explicit tag such as ``!!str``."""
        word = event.value
        tag = event.tag.removeprefix(_STANDARD)
        if tag in ("!", "str", "timestamp"):
            return word
        value = resolve(word)
        expected = {"int": int, "float": float, "bool": bool, "null": type(None)}.get(tag)
        if expected is None:
            self.fault("YAML_TAG", event, shown_tag(event.tag))
        elif (expected is float and type(value) is int) or type(value) is expected:
            return value
        else:
            self.fault("YAML_TAG_VALUE", event, f"{word!r} as {shown_tag(event.tag)}")
        return None

    def merge(self, event: Any, container: dict[str, Any], value: Any, merged: set[str]) -> None:
        """``<<: *base``: the keys of ``base`` become this mapping's own; keys that follow win over them.

        Of a list of mappings the earlier ones win.
        """
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            self.fault("YAML_MERGE", event)
            return
        for source in reversed(sources):
            merged.update(source)
            container.update(source)

    def duplicate(self, event: Any, key: str, frames: list[Frame], items: list[Any] | None) -> None:
        """At the left edge it may be the beginning of another object; then that is the only thing to say."""
        at_edge = len(frames) == 2
        if at_edge and key in ("apiVersion", "kind") and len(frames[-1][0]) > 2:
            if not self.is_second_object:
                self.fault("YAML_MISSING_SEPARATOR", event, key)
            self.is_second_object = True
        elif not (at_edge and self.is_second_object):
            self.fault("YAML_DUPLICATE_KEY", event, key, path_of(frames, items))


Frame = tuple[Any, bool, str | None]


def path_of(frames: list[Frame], items: list[Any] | None) -> str:
    """The path of the last frame's key, from the document or from the item of a List that it stands in."""
    path = ""
    for container, is_map, key in frames:
        if container is items and items is not None:
            path = ""
        elif is_map and key is not None:
            path = join(path, key)
        elif container is not None:
            path += f"[{len(container)}]"
    return path


def join(path: str, key: str) -> str:
    """``key`` below ``path``; in brackets if it holds a dot or a slash."""
    if "." in key or "/" in key or "[" in key or not key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def size(value: Any, limit: int) -> int:
    """How many values ``value`` holds, itself among them, each time that it is repeated; counted up to ``limit``."""
    count = 0
    todo = [value]
    while todo and count < limit:
        count += 1
        value = todo.pop()
        if isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return count


def shown_tag(tag: str) -> str:
    """As one writes it: ``!!python/object``."""
    return "!!" + tag.removeprefix(_STANDARD) if tag.startswith(_STANDARD) else tag
