"""Pages of the codes that the loader gives to what cannot be read and to what the API server would reject.

The message of each such error says what is wrong in its very place; these pages say what kind of thing it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from kcnet.analysis.finding import Severity

_FIELDS = "https://kubernetes.io/docs/reference/kubernetes-api/"
_OBJECTS = "https://kubernetes.io/docs/concepts/overview/working-with-objects/"
_VALIDATION = "https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation"
_YAML = "https://yaml.org/spec/1.2.2/"


class ErrorPage(NamedTuple):
    code: str
    title: str
    meaning: str
    repair: str
    source: str

    @property
    def severity(self) -> Severity:
        return Severity.ERROR

    @property
    def look(self) -> tuple[str, ...]:
        return () if self.code.startswith("INPUT_") else ("kubectl apply --dry-run=server -f FILE",)

    @property
    def causes(self) -> tuple[str, ...]:
        return ()


_API = (
    (
        "API_REQUIRED",
        "A required field is missing",
        "The API server stores no object without this field.",
        "Add the field that the message names.",
        _FIELDS,
    ),
    (
        "API_INVALID",
        "A field's value is not valid",
        "The value has the right type and breaks a rule of its field: a name "
        "with a character that names cannot have, a port above 65535, fields that contradict each other.",
        "Change the value as the message says.",
        _FIELDS,
    ),
    (
        "API_UNSUPPORTED",
        "The field takes other values",
        "The field takes one of a few words, written exactly so, capitals included.",
        "Use one of the words that the message lists.",
        _FIELDS,
    ),
    (
        "API_FORBIDDEN",
        "A field may not be set here",
        "The field exists, but not together with what else the object "
        "says: a node port on a Service of type ClusterIP, for instance.",
        "Remove the field, or what it contradicts.",
        _FIELDS,
    ),
    (
        "API_DUPLICATE",
        "A value appears twice in a list",
        "Entries of this list are told apart by this value, so each may appear once.",
        "Give one of the two another value, or remove it.",
        _FIELDS,
    ),
    (
        "API_TOO_LONG",
        "A value is too long",
        "Names, labels and annotations have a greatest length, because they become DNS labels and keys of the store.",
        "Shorten it.",
        f"{_OBJECTS}names/",
    ),
    (
        "API_TOO_MANY",
        "A list has too many entries",
        "The API server limits the length of this list.",
        "Remove entries, or spread them over several objects.",
        _FIELDS,
    ),
    (
        "API_NOT_FOUND",
        "The object names something that does not exist",
        "The field refers to another part of the same "
        "object, such as a volume, by its name, and there is none of that name.",
        "Correct the name, or add what it names.",
        _FIELDS,
    ),
    (
        "API_ALREADY_EXISTS",
        "One object is written twice",
        "Kind, namespace and name make an object: the second document "
        "would replace the first, and which is second depends on the order of files.",
        "Give one of them another name or namespace, or remove it.",
        f"{_OBJECTS}names/",
    ),
    (
        "API_NO_SUCH_KIND",
        "There is no such kind in this API version",
        "kind and apiVersion together say what an object "
        "is. Versions of an API are removed after a time of deprecation, and this pair is not (or no longer) served.",
        "Write the apiVersion that the message names.",
        "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
    ),
    (
        "API_INTERNAL",
        "The API server cannot process the object",
        "The API server gives up on this object with an error "
        "of its own: an address that was to be allocated cannot be.",
        "Change the field that the message names.",
        _FIELDS,
    ),
    (
        "SCHEMA_TYPE",
        "A value has the wrong type",
        "A number stands where text belongs, a list where a mapping does, or "
        'the other way round. In YAML 80 is a number and "80" is text; yes, on and true are booleans.',
        "Write the type that the message names; quotes make text.",
        _VALIDATION,
    ),
    (
        "SCHEMA_RANGE",
        "A number is too big for its field",
        "The field holds 32 or 64 bits, and the number needs more.",
        "Write a smaller number.",
        _VALIDATION,
    ),
    (
        "SCHEMA_UNKNOWN_FIELD",
        "There is no such field",
        "kubectl refuses a field that it does not know, since it is most "
        "often a typo or indented to the wrong level: what it was meant to say would be lost.",
        "Correct the name, or move it to the level where it belongs.",
        _VALIDATION,
    ),
)

_YAML_PAGES = (
    (
        "YAML_SYNTAX",
        "This is not YAML",
        "The text breaks a rule of YAML, so nothing in the document can be read. The "
        "mistake is at the place shown or a little before it.",
        "Correct indentation, quotes or brackets there.",
        _YAML,
    ),
    (
        "YAML_TAB",
        "A tab indents a line",
        "YAML indents by spaces alone; how wide a tab is would depend on the editor.",
        "Replace each tab by spaces.",
        f"{_YAML}#61-indentation-spaces",
    ),
    (
        "YAML_NO_SPACE_AFTER_COLON",
        "A space is missing after a colon",
        "Only a colon with a space behind it separates key and value: port:80 is one word.",
        "Add the space.",
        f"{_YAML}#73-flow-scalar-styles",
    ),
    (
        "YAML_DUPLICATE_KEY",
        "A key appears twice in one mapping",
        "A mapping has each key once; of two, one would be lost silently.",
        "Join the two, or remove one.",
        f"{_YAML}#3211-nodes",
    ),
    (
        "YAML_MISSING_SEPARATOR",
        "Two objects in one document",
        "A second apiVersion and kind follow without a line of "
        "three dashes between, so that both objects are read as one.",
        "Put a line --- between them.",
        f"{_YAML}#912-document-markers",
    ),
    (
        "YAML_KEY",
        "A key is not text",
        "A key of a manifest is a word; here it is a list or a mapping, often a template "
        "or a brace that was not quoted.",
        "Quote it, or write a plain word.",
        f"{_YAML}#3211-nodes",
    ),
    (
        "YAML_NULL_KEY",
        "A key is empty or null",
        "A key was left out before the colon, or is the word null or ~, which YAML reads as nothing.",
        "Write the key; quote the word null.",
        f"{_YAML}#1032-tag-resolution",
    ),
    (
        "YAML_CHARACTER",
        "A character that YAML does not allow",
        "Control characters cannot stand in YAML, not even inside quotes.",
        "Remove the character; write it as an escape between double quotes if it is meant.",
        f"{_YAML}#51-character-set",
    ),
    (
        "YAML_TAG",
        "A tag that Kubernetes does not know",
        "Words with an exclamation mark, such as !Ref, belong to other programs; a manifest has plain values.",
        "Remove the tag.",
        f"{_YAML}#3212-tags",
    ),
    (
        "YAML_TAG_VALUE",
        "A tag does not fit its value",
        "The tag says that the value is of a type as which it cannot be read.",
        "Remove the tag, or correct the value.",
        f"{_YAML}#3212-tags",
    ),
    (
        "YAML_MERGE",
        "Something other than a mapping is merged",
        "The key << takes over the fields of another mapping; this is none.",
        "Let << name the anchor of a mapping.",
        "https://yaml.org/type/merge.html",
    ),
    (
        "YAML_ALIAS_UNKNOWN",
        "An alias without an anchor",
        "*name repeats what was marked with &name earlier in the same "
        "document, and nothing was. Anchors do not reach across ---.",
        "Add the anchor, or write the value.",
        f"{_YAML}#71-alias-nodes",
    ),
    (
        "YAML_ALIAS_LOOP",
        "An alias inside its own anchor",
        "The value would contain itself without end.",
        "Write the value in place of the alias.",
        f"{_YAML}#71-alias-nodes",
    ),
    (
        "YAML_ALIAS_BOMB",
        "Aliases that grow beyond measure",
        "Aliases of aliases multiply: a few lines would become "
        "millions of values. The API server refuses such documents too.",
        "Write the values in place of the aliases.",
        f"{_YAML}#71-alias-nodes",
    ),
    (
        "YAML_DEPTH",
        "The document is nested too deeply",
        "No object of Kubernetes is nested as deeply as this document.",
        "Remove levels; often a bracket was not closed.",
        _YAML,
    ),
    (
        "JSON_SYNTAX",
        "This is not JSON",
        "The text begins as JSON and breaks one of its rules: a comma too many, a quote too few, a comment.",
        "Correct the place shown.",
        "https://www.rfc-editor.org/rfc/rfc8259",
    ),
    (
        "JSON_NOT_A_NUMBER",
        "A number that JSON does not have",
        "NaN and Infinity are no numbers of JSON.",
        "Write a number, or text in quotes.",
        "https://www.rfc-editor.org/rfc/rfc8259#section-6",
    ),
    (
        "TEXT_ENCODING",
        "The file is not UTF-8",
        "Kubernetes reads UTF-8. Other encodings turn letters into something else, or into nothing.",
        "Save the file as UTF-8.",
        f"{_YAML}#52-character-encodings",
    ),
)

_INPUTS = (
    (
        "CLUSTER_TWICE",
        "Two documents of kind Cluster",
        "A Cluster document states facts of the one cluster that is simulated; two of them may contradict each other.",
        "Keep one of them.",
        _OBJECTS,
    ),
    (
        "NOT_AN_OBJECT",
        "This is no Kubernetes object",
        "Every object says with apiVersion and kind what it is; this document, or this item of a list, does not.",
        "Add apiVersion and kind at the left edge.",
        _OBJECTS,
    ),
    (
        "NOT_A_MANIFEST",
        "A file for another program",
        "The document is a configuration of something else, such as Helm "
        "values or Compose, and no object that the API server could store.",
        "Leave it out, or render it first.",
        _OBJECTS,
    ),
    (
        "INPUT_MISSING",
        "There is no such file",
        "What -f names is not there, or a glob matches nothing.",
        "Correct the path; it counts from the folder that you are in.",
        _OBJECTS,
    ),
    (
        "INPUT_NO_MANIFEST",
        "There is no Kubernetes object to read",
        "Files were found, and none holds an object with apiVersion and kind.",
        "Name the folder with the manifests; render templates first.",
        _OBJECTS,
    ),
    (
        "INPUT_TOO_BIG",
        "A file is too big",
        "No manifest has a gibibyte; most likely another kind of file was named.",
        "Name the manifests, or export fewer kinds.",
        _OBJECTS,
    ),
    (
        "INPUT_UNREADABLE",
        "A file cannot be read",
        "The operating system refuses: permissions, a folder in place of a file, a broken link.",
        "Make it readable, or leave it out.",
        _OBJECTS,
    ),
    (
        "PASTE_HELM_TEMPLATE",
        "A Helm template, not a manifest",
        "What stands in double braces is filled in by Helm. Before "
        "that the file is not YAML, and nobody can say what it will become.",
        "Render it: helm template RELEASE CHART | kcnet check -f -",
        "https://helm.sh/docs/chart_template_guide/",
    ),
    (
        "PASTE_MARKDOWN_FENCE",
        "Markdown around the manifest",
        "Lines of three backquotes belong to the page from which the manifest was copied.",
        "Remove them.",
        _OBJECTS,
    ),
    (
        "PASTE_SHELL_PROMPT",
        "A command among the manifest",
        "A prompt or a command of a shell was copied with the text.",
        "Remove the line.",
        _OBJECTS,
    ),
    (
        "PASTE_LINE_NUMBERS",
        "Line numbers before each line",
        "The numbers of a listing were copied with the text.",
        "Remove them.",
        _OBJECTS,
    ),
    (
        "PASTE_SMART_QUOTES",
        "Quotes of a word processor",
        "Curly quotes are letters to YAML: they become part of the value.",
        "Write straight quotes.",
        f"{_YAML}#73-flow-scalar-styles",
    ),
    (
        "PASTE_DASH",
        "A dash of a word processor",
        "A long dash is a letter to YAML, and begins no entry of a list.",
        "Write a plain hyphen.",
        _YAML,
    ),
    (
        "PASTE_BLANK",
        "A blank that is no space",
        "A no-break or other wide space was copied from a page. YAML takes it for a letter.",
        "Replace it by a space.",
        f"{_YAML}#61-indentation-spaces",
    ),
    (
        "PASTE_ELLIPSIS",
        "Dots that stand for something left out",
        "The page from which this was copied left lines out.",
        "Fill in what the dots stand for, or remove them.",
        _OBJECTS,
    ),
    (
        "PASTE_QUESTION_MARK",
        "Question marks in place of characters",
        "A copy lost characters that its encoding did not have.",
        "Copy it again, or write the characters anew.",
        _OBJECTS,
    ),
    (
        "PASTE_NO_INDENTATION",
        "The indentation is lost",
        "All lines begin at the margin. In YAML the indentation says what belongs to what.",
        "Copy it again with its spaces.",
        f"{_YAML}#61-indentation-spaces",
    ),
)

SUBJECTS: Mapping[str, tuple[ErrorPage, ...]] = MappingProxyType(
    {
        "the API server rejects": tuple(ErrorPage(*row) for row in _API),
        "cannot be read": tuple(ErrorPage(*row) for row in (*_YAML_PAGES, *_INPUTS)),
    }
)


@cache
def catalogue() -> Mapping[str, ErrorPage]:
    """Every page by its code."""
    return MappingProxyType({page.code: page for pages in SUBJECTS.values() for page in pages})
