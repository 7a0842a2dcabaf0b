"""Manifests that are typed: no word comes between until Ctrl-D. And what bash completes in a line that is typed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pexpect = pytest.importorskip("pexpect", reason="no pseudo-terminals on this system")

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
POD = ["apiVersion: v1", "kind: Pod", "metadata: {name: web}", "spec: {containers: [{name: web, image: x}]}"]
ANSWERS = {"check": "nothing found in 1 object", "reach": r"default/web\[Pod\]"}
QUIET = 2.5
"""Longer than anything that goes on says nothing of itself."""


@pytest.mark.parametrize("command", ANSWERS)
def test_nothing_is_shown_while_manifests_are_typed(command: str) -> None:
    arguments = ["-m", "kcnet", command, "-f", "-"]
    child = pexpect.spawn(sys.executable, arguments, env=ENVIRONMENT, cwd=str(ROOT), encoding="utf-8", timeout=30)
    try:
        child.expect_exact("Ctrl-D on a line of its own ends them.\r\n")
        for line in POD:
            child.sendline(line)
            child.expect_exact(f"{line}\r\n")
            assert child.before == ""
        with pytest.raises(pexpect.TIMEOUT):
            child.read_nonblocking(timeout=QUIET)
        child.sendeof()
        child.expect(ANSWERS[command])
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    assert child.exitstatus == 0


LINES = {
    "kcnet trace --from shop/deploy/frontend --to http://cat": "alog/ ",
    "kcnet trace --from shop/deploy/frontend --to=http://cat": "alog/ ",
    "kcnet trace --to http://cart/ --from shop/deploy/fr": "ontend ",
    "kcnet trace --from ::1 --to shop/svc/cat": "alog",
    "kcnet reach --from fd00::1 --to shop/deploy/cat": "alog ",
    "kcnet check --sel": "ect ",
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash")
def test_what_bash_adds_to_a_line(line: str, tmp_path: Path) -> None:
    """bash cuts words at colons and equals signs."""
    program = tmp_path / "kcnet"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m kcnet "$@"\n')
    program.chmod(0o755)
    start = tmp_path / "rc"
    start.write_text("bind 'set bell-style none'\neval \"$(_KCNET_COMPLETE=source_bash kcnet)\"\nPS1='ready> '\n")
    environment = ENVIRONMENT | {"PATH": f"{tmp_path}{os.pathsep}{ENVIRONMENT['PATH']}"}
    shell = pexpect.spawn("/bin/bash", ["--noprofile", "--rcfile", str(start), "-i"], env=environment,
                          encoding="utf-8", timeout=30, dimensions=(24, 200))  # fmt: skip
    try:
        shell.expect_exact("ready> ")
        shell.send(f"{line}\t")
        shell.expect_exact(f"{line}{LINES[line]}")
    finally:
        shell.close(force=True)
