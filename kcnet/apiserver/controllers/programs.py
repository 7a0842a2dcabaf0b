"""Whether a container's process ends by itself, where its image and command tell.

``busybox`` alone is a shell without input: it ends at once, with success. ``sleep infinity`` does not end, and neither
does a server. For everything that is not known the answer is that it runs on.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kcnet.apiserver import images

_SHELLS: Final = frozenset(("sh", "bash", "ash", "dash", "zsh"))
_SHELL_IMAGES: Final = frozenset(
    ("busybox", "alpine", "ubuntu", "debian", "fedora", "centos", "bash", "rockylinux", "amazonlinux")
)
"""Images that start a shell: without a terminal and without input it ends."""
_INTERPRETERS: Final = {"python": "python3", "node": "node"}
_ENDING: Final = frozenset(
    ("cat", "date", "echo", "env", "expr", "hostname", "id", "ls", "printenv", "printf", "pwd", "seq", "true", "uname")
)
"""Commands that do their work and end with success."""


_is_reference = re.compile(
    r"(?:(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]+:\d+)(?::\d+)?/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?"
).fullmatch


def is_image(image: str) -> bool:
    """Whether ``image`` is a reference at all, as github.com/distribution/reference has it."""
    return bool(_is_reference(image))


def start_error(container: Mapping[str, Any]) -> str | None:
    """Why the container cannot be started: its image is known to lack the shell that it shall run. As containerd and
    runc word it."""
    image, command, args = str(container.get("image") or ""), container.get("command"), container.get("args")
    words = command or (args if args and not images.has_entrypoint(image) else ()) or ("",)
    program = str(words[0])
    folder, slash, name = program.rpartition("/")
    if name not in _SHELLS or folder not in ("", "/bin", "/usr/bin") or images.has_shell(image, name):
        return None
    why = f"stat {program}: no such file or directory" if slash else "executable file not found in $PATH"
    return (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        f'unable to start container process: error during container init: exec: "{program}": {why}'
    )


def exit_code(container: Mapping[str, Any]) -> int | None:
    """The status with which the container's process ends soon after its start; None: it runs on, or nobody can tell."""
    command = [*(container.get("command") or ()), *(container.get("args") or ())]
    if not command:
        image = str(container.get("image") or "")
        name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        waits = container.get("stdin") and container.get("tty")
        if name == "hello-world":
            return 0
        return 0 if (name in _SHELL_IMAGES or name in _INTERPRETERS) and not waits else None
    if not container.get("command"):
        name = str(container.get("image") or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
        if name not in _SHELL_IMAGES:
            return None  # arguments of an entrypoint that nobody here knows
    return _of(command, interactive=bool(container.get("stdin")))


def _of(words: Sequence[str], *, interactive: bool) -> int | None:
    program = words[0].rpartition("/")[2] if words else ""
    if program in _SHELLS:
        script = _script(words)
        if script is None:
            return None if interactive else (0 if len(words) == 1 else None)
        return _of_script(script)
    if program == "false":
        return 1
    if program == "exit":
        return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0
    return 0 if program in _ENDING else None


def _script(words: Sequence[str]) -> str | None:
    for index, word in enumerate(words[1:], start=1):
        if re.fullmatch(r"-[a-z]*c", word):
            return words[index + 1] if index + 1 < len(words) else None
    return None


def _of_script(script: str) -> int | None:
    """Simple commands one after the other, each of a kind that ends."""
    if re.search(r"[$`|<(){}&]|\b(?:while|for|until|if|trap|exec)\b", script.replace("&&", ";")):
        return None
    code: int | None = 0
    for part in re.split(r"&&|[;\n]", script):
        try:
            words = shlex.split(part.split(">")[0])
        except ValueError:
            return None
        if not words:
            continue
        if words[0] == "sleep" and len(words) == 2 and words[1].isdecimal() and int(words[1]) <= 30:
            continue
        code = _of(words, interactive=False)
        if code is None:
            return None
        if words[0] == "exit":
            break
    return code
