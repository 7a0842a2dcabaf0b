"""Shell completion: names from the manifests, and silence where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kcnet import reasons
from kcnet.cli.app import app
from kcnet.cli.bashwords import joined
from kcnet.controlplane.cni import KNOWN_CNIS

runner = CliRunner()


def complete(line: str) -> list[str]:
    """The words that bash is offered at the end of ``line``."""
    words = line.split(" ")
    result = runner.invoke(
        app,
        [],
        prog_name="kcnet",
        env={"_KCNET_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
    )
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("kcnet ex", "explain"),
        ("kcnet trace --from ", "shop/deploy/frontend"),
        ("kcnet trace --from shop/deb", "shop/debug"),
        ("kcnet trace --from int", "internet"),
        ("kcnet trace -n shop --from deploy/fr", "deploy/frontend"),
        ("kcnet trace --from shop/deploy/frontend --to htt", "http://cart/"),
        ("kcnet trace --to shop/svc/ca", "shop/svc/cart"),
        ("kcnet trace -n pay", "payments"),
        ("kcnet trace --cni ca", "calico"),
        ("kcnet trace --proxy-mode n", "nftables"),
        ("kcnet trace --expect del", "delivered"),
        ("kcnet explain DNS_NX", "DNS_NXDOMAIN"),
    ],
)
def test_what_is_offered(line: str, offered: str) -> None:
    assert offered in complete(line)


def test_everything_that_there_is() -> None:
    assert set(complete("kcnet explain ")) >= set(reasons.catalogue())
    assert set(complete("kcnet trace --cni ")) >= set(KNOWN_CNIS)


def test_names_come_from_the_files_already_typed(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web-of-mine}\nspec: {containers: [{name: a, image: b}]}\n",
        encoding="utf-8",
    )
    assert "web-of-mine" in complete(f"kcnet trace -f {file} --from web")
    assert complete(f"kcnet trace -f {file} --from shop/") == []
    assert f"{file}" in complete(f"kcnet trace -f {tmp_path}/w")


@pytest.mark.parametrize("text", ["a: b: c", "\t{{", "", "\x00"])
def test_broken_files_offer_nothing_and_say_nothing(text: str, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(text, encoding="utf-8")
    assert complete(f"kcnet trace -f {file} --from ") == []
    assert complete("kcnet trace -f /no/such/file --to ") == []


WORDS = [
    ("a URL", ["kcnet", "trace", "--to", "http", ":", "//ca"], "http://ca", "http:"),
    ("up to its colon", ["kcnet", "trace", "--to", "http", ":"], "http:", "http:"),
    ("before its colon", ["kcnet", "trace", "--to", "ht"], "ht", ""),
    ("with a port", ["kcnet", "trace", "--to", "http", ":", "//web", ":", "8"], "http://web:8", "http://web:"),
    ("behind an equals sign", ["kcnet", "trace", "--to", "=", "http", ":", "//ca"], "--to=http://ca", "http:"),
    ("a URL before it", ["kcnet", "trace", "--to", "http", ":", "//ca", "--fr"], "--fr", ""),
    ("a URL before a new word", ["kcnet", "trace", "--to", "http", ":", "//ca", ""], "", ""),
    ("a colon before a new word", ["kcnet", "trace", "--to", "http", ":", ""], "", ""),
    ("a colon before an option", ["kcnet", "trace", "--to", "http", ":", "--fr"], "--fr", ""),
    ("an address", ["kcnet", "trace", "--from", "::", "1"], "::1", "::"),
    ("an address in the middle", ["kcnet", "trace", "--from", "fd00", "::", "1", "--to", "s"], "s", ""),
]


@pytest.mark.parametrize(("words", "current", "cut"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_what_bash_has_cut_is_one_word(words: list[str], current: str, cut: str) -> None:
    typed = joined(words, len(words) - 1)
    assert (typed.words[typed.at], typed.cut) == (current, cut)
    assert "".join(typed.words) == "".join(words)
