"""One session on the demo shop for each test, quickly: it is opened once, and set back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kcnet.lab.opening import open_session
from kcnet.lab.session import Session
from kcnet.resources import demo

NOON = datetime(2026, 11, 2, 12, 0, 0, tzinfo=UTC)


def opened(paths: list[str], name: str = "lab", base: Path | None = None) -> Session:
    return open_session(paths, name, clock=lambda: NOON, base=base)


@pytest.fixture(scope="session")
def opened_shop() -> Session:
    return opened([str(demo())], "shop")


@pytest.fixture
def shop(opened_shop: Session, tmp_path: Path) -> Iterator[Session]:
    """The demo shop, in namespace default; its working directory is an empty folder."""
    session = Session(
        server=opened_shop.server, scenario="shop", clock=opened_shop.clock, beginning=opened_shop.beginning
    )
    session.files.base = tmp_path
    session.files.here = tmp_path.as_posix()
    yield session
    assert opened_shop.beginning is not None
    opened_shop.server.restore(opened_shop.beginning.server)
