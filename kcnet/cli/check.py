"""``kcnet check``: what is wrong with manifests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kcnet.cli.cluster import fail, note, reading
from kcnet.cli.options import Files
from kcnet.cli.terminal import screen_of, write, write_document

if TYPE_CHECKING:
    from kcnet.analysis.finding import Finding, Subject
    from kcnet.analysis.fix import Repair
    from kcnet.analysis.suppress import Settings
    from kcnet.loading.problems import Problem
    from kcnet.render.findings import Shown

FOUND = 1
"""Exit status when there is a finding as severe as ``--fail-on`` says."""

DEMO_NOTE = "The built-in demo cluster, a small shop. For your own: kcnet check -f FOLDER"

Format = Literal["text", "json", "sarif", "github"]
Level = Literal["error", "warning", "info"]

MOST_TRACED = 100
"""Findings whose request is traced to show what becomes of it; the others name the command alone."""


_OBSTACLES = {
    "NETPOL_EGRESS_DENIED": "POLICY",
    "NETPOL_INGRESS_DENIED": "POLICY",
    "DNS_BLOCKED_BY_POLICY": "POLICY",
    "TLS_CERTIFICATE_MISSING": "TLS",
    "CANNOT_TELL": "CANNOT_TELL",
}
"""A request that ends so shows what findings say whose code has that word; others it stops before it gets there."""


def check(
    files: Files = [],  # noqa: B006  (Typer copies it)
    output: Annotated[Format, typer.Option("-o", "--output", help="What to print.")] = "text",
    select: Annotated[
        list[str], typer.Option("--select", metavar="CODES", help="These rules alone: CODE,CODE or SERVICE_*.")
    ] = [],  # noqa: B006
    ignore: Annotated[
        list[str], typer.Option("--ignore", metavar="CODES", help="Not these rules: CODE,CODE or SERVICE_*.")
    ] = [],  # noqa: B006
    fix: Annotated[bool, typer.Option("--fix", help="Write the repairs that are certain; shows them first.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would write, and write nothing.")] = False,
    fail_on: Annotated[Level, typer.Option("--fail-on", help="Exit with 1 from this severity on.")] = "error",
) -> None:
    """Find what is wrong with your manifests: what the API server rejects, and what it accepts and will not work.

    Exit status: 0 no error (see --fail-on), 1 an error, 2 a wrong command line.
    """
    settings = _settings(select, ignore)
    if fix and not files:
        raise fail("The demo cluster is not yours to change.", fix="Add -f FOLDER.")
    if not files:
        note(DEMO_NOTE)
    subject, problems, findings = _look(files, settings)
    if (fix or diff) and subject is not None:
        from kcnet.analysis.fix import repairs

        found = repairs(findings)
        _show_diff(found, to_errors=output != "text")
        if fix and _write(found) and "-" not in files:  # standard input is read but once
            subject, problems, findings = _look(files, settings)
    if not (diff and output == "text") or subject is None:
        _show(subject, problems, findings, files, output)
    _tell_misplaced(findings)
    raise typer.Exit(_status(problems, findings, fail_on))


def _look(files: list[str], settings: Settings) -> tuple[Subject | None, tuple[Problem, ...], list[Finding]]:
    """What the loader refuses, else what the rules find."""
    from kcnet.analysis import check as rules
    from kcnet.analysis.finding import Subject
    from kcnet.analysis.suppress import unsuppressed
    from kcnet.controlplane import build_cluster
    from kcnet.loading.load import load_manifests
    from kcnet.loading.problems import InvalidManifestsError
    from kcnet.resources import demo

    with reading(files) as waiting:
        try:
            manifests = load_manifests(files or [str(demo())], progress=waiting.progress)
        except InvalidManifestsError as error:
            return None, error.problems, []
        subject = Subject(manifests, build_cluster(manifests))
        return subject, (), unsuppressed(rules.check(subject, settings.select, settings.ignore), settings)


def _tell_misplaced(findings: list[Finding]) -> None:
    from kcnet.analysis.suppress import misplaced

    for text in misplaced(findings):
        note(f"{text}.")


def _show(
    subject: Subject | None,
    problems: tuple[Problem, ...],
    findings: list[Finding],
    files: list[str],
    output: Format,
) -> None:
    if output == "text":
        from kcnet.render import findings as pages

        shown = [pages.shown_problem(problem) for problem in problems]
        shown += _traced(subject, findings, files) if subject is not None else []
        write(sys.stdout, pages.render(shown, _read(subject), screen_of(sys.stdout)))
        return
    documents: list[dict[str, Any]] = [problem.to_dict() for problem in problems]
    documents += [finding.to_dict() for finding in findings]
    if output in ("github", "sarif"):
        documents = [{**each, "file": _in_repository(each["file"])} for each in documents]
    if output == "github":
        from kcnet.render import findings_github

        write_document(findings_github.render(documents))
        return
    from kcnet.render.printable import json_text

    if output == "sarif":
        from kcnet.analysis import check as rules
        from kcnet.analysis import errors
        from kcnet.render import findings_sarif

        every: dict[str, findings_sarif.Page] = {**errors.catalogue(), **rules.catalogue()}
        write_document(json_text(findings_sarif.document(documents, every)))
    else:
        from kcnet.render.findings import document

        write_document(json_text(document(documents)))


def _in_repository(file: str | None) -> str | None:
    """The path from the top of the git repository that the file is in, which is what services know it by.

    From the working folder for a file outside of any; absolute for one that is outside of that as well. As it is for
    standard input.
    """
    from kcnet.loading.sources import STDIN

    if file is None or file == STDIN:
        return file
    path = Path(file).absolute().resolve()
    here = Path.cwd().resolve()
    top = next((folder for folder in path.parents if (folder / ".git").exists()), here)
    return (path.relative_to(top) if top in path.parents else path).as_posix()


def _traced(subject: Subject, findings: list[Finding], files: list[str]) -> list[Shown]:
    from kcnet.render.findings import shown_finding

    shown = []
    for number, finding in enumerate(findings):
        proof = finding.proof
        trace = proof.trace(subject.cluster) if proof and number < MOST_TRACED else None
        if proof is None or (trace and _OBSTACLES.get(trace.reason.code, "") not in finding.code):
            shown.append(shown_finding(finding))
        else:
            shown.append(shown_finding(finding, proof.command(files), trace.verdict if trace else None))
    return shown


def _read(subject: Subject | None) -> str:
    if subject is None:
        return ""
    from kcnet.render.words import count

    manifests = subject.manifests
    kinds = (manifests.namespaces, manifests.nodes, manifests.pods, manifests.workloads, manifests.services)
    more = (manifests.endpoints, manifests.slices, manifests.ingresses, manifests.ingress_classes, manifests.policies)
    objects = sum(len(kind) for kind in (*kinds, *more, manifests.config_maps, manifests.secrets))
    return f"{count(objects, 'object')}, {count(len(manifests.files), 'file')}"


def _status(problems: tuple[Problem, ...], findings: list[Finding], fail_on: Level) -> int:
    levels = ("error", "warning", "info")
    severe = levels[: levels.index(fail_on) + 1]
    return FOUND if problems or any(finding.severity in severe for finding in findings) else 0


# --fix


def _show_diff(found: list[Repair], *, to_errors: bool) -> None:
    from kcnet.render.findings import diff_text

    for repair in found:
        stream = sys.stderr if to_errors else sys.stdout
        write(stream, diff_text(repair.diff(), screen_of(stream)))
    if not found:
        note("There is nothing to repair of which kcnet is certain.")


def _write(found: list[Repair]) -> bool:
    """Whether a file was changed."""
    from kcnet.cli.rewrite import rewrite
    from kcnet.loading.sources import STDIN

    changed = False
    for repair in found:
        name = repair.source.name
        if name == STDIN:
            note("Standard input cannot be written to: the repair is shown, not made.")
            continue
        try:
            rewrite(Path(name), repair.source.text, repair.text)
        except (OSError, ValueError) as error:
            raise fail(f"{name} cannot be written: {error}.") from None
        changed = True
    return changed


# Settings


def _settings(select: list[str], ignore: list[str]) -> Settings:
    """Those of the project, with what the command line says over them (``--select``) or added (``--ignore``)."""
    from msgspec.structs import replace

    from kcnet.analysis.suppress import Settings, SettingsError, settings_of

    own = Settings()
    found = _configuration(Path.cwd())
    if found is not None:
        path, text, table = found
        try:
            own = settings_of(table, str(path.parent))
        except SettingsError as error:
            raise fail(f"{_line_of(path, text, error.name)}: {error}.") from None
        for code in (*own.select, *own.ignore, *(code for codes in own.per_file_ignores.values() for code in codes)):
            _known(code, f"{_line_of(path, text, code)}: ")
    settings = replace(own, select=_codes(select) or own.select, ignore=(*own.ignore, *_codes(ignore)))
    for code in (*_codes(select), *_codes(ignore)):
        _known(code)
    return settings


def _codes(typed: list[str]) -> tuple[str, ...]:
    from kcnet.analysis.suppress import code_of

    return tuple(code_of(code) for text in typed for code in text.split(",") if code.strip())


def _known(code: str, where: str = "") -> None:
    from kcnet.analysis.check import catalogue, matches
    from kcnet.path.nearest import closest

    if not any(matches(known, [code]) for known in catalogue()):
        near = closest(code, catalogue())
        message = f"{where}there is no rule {code}." if where else f"There is no rule {code}."
        raise fail(message, fix="kcnet explain lists them all", nearest=[near] if near else [])


def _line_of(path: Path, text: str, word: str) -> str:
    """``kcnet.toml:3``: the first line with the word, however it is written there."""
    plain = word.upper().replace("-", "_")
    found = (number for number, line in enumerate(text.split("\n"), 1) if plain in line.upper().replace("-", "_"))
    number = next(found, None)
    return f"{path}:{number}" if number else str(path)


def _configuration(folder: Path) -> tuple[Path, str, dict[str, Any]] | None:
    """The nearest kcnet.toml, or pyproject.toml with ``[tool.kcnet]``, in ``folder`` or above it; with its text."""
    for place in (folder, *folder.parents):
        for name, tables in (("kcnet.toml", ()), ("pyproject.toml", ("tool", "kcnet"))):
            path = place / name
            if not path.is_file():
                continue
            text = ""
            try:
                text = path.read_text(encoding="utf-8")
                if tables and "kcnet" not in text:
                    continue
                import tomllib  # takes as long to load as all rules

                table: Any = tomllib.loads(text)
            except (OSError, ValueError) as error:
                if tables and "tool.kcnet" not in text:
                    continue  # other tools will say so
                raise fail(f"{path} cannot be read: {error}.") from None
            for part in tables:
                table = table.get(part) if isinstance(table, dict) else None
            if isinstance(table, dict):
                return path, text, table
    return None
