"""Writing a file anew, whole or not at all, and only where it still says what was read."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path


def rewrite(path: Path, before: str, after: str) -> None:
    """Replace ``before`` by ``after``; encoding, byte order mark, line ends and permissions stay.

    Raises ValueError if the file says something else than ``before``, OSError if it cannot be written; it is then
    as it was.
    """
    target = Path(os.path.realpath(path))
    if not target.stat().st_mode & 0o222:  # a new file in its place would not ask for that
        raise PermissionError("it is read-only")
    data = target.read_bytes()
    mark, encoding = _encoding(data)
    if data != mark + before.encode(encoding):
        raise ValueError("it has changed since it was read, or has line ends that would be lost")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(mark + after.encode(encoding))
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(target, name)
        os.replace(name, target)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _encoding(data: bytes) -> tuple[bytes, str]:
    """The byte order mark and the encoding that it stands for."""
    from kcnet.loading.sources import BOMS

    return next(((mark, name) for mark, name in BOMS if data.startswith(mark)), (b"", "utf-8"))
