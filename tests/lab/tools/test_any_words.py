"""Whatever words a tool is given, it answers: no traceback, a status, and no silence that nobody asked for."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcnet.lab.call import Place
from kcnet.lab.running import run_tool
from kcnet.lab.session import Session
from kcnet.lab.tools import TOOLS

PLACES = [
    Place("pod", "tool", "stall"),
    Place("pod", "box", "stall"),
    Place("pod", "old", "stall"),
    Place("pod", "mute", "stall"),
    Place("node", "n1"),
    Place(),
]
KNOWN = """web web:80 http://web/ https://web 10.96.1.1 10.244.2.10 10.0.0.1:30080 [::1] ::1 80 79-81 80-99999 - -- -v
-zv -w -m 1 -O- -t nat -L -S -x @10.96.0.10 +short SRV -type=srv -type=x -h -p list ruleset table addr route hosts http://[
http://:99999/ *.web a..b . é %00 http://web:port/ -o -H Host: --resolve a:1 -n KUBE-SERVICES chain ip kube-proxy -c -1""".split()
WORDS = st.one_of(st.sampled_from([*KNOWN, "", "x" * 300]), st.text(max_size=8))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tool=st.sampled_from(sorted(TOOLS)), place=st.sampled_from(PLACES), words=st.lists(WORDS, max_size=5))
def test_any_words(stall: Session, tool: str, place: Place, words: list[str]) -> None:
    outcome = run_tool(stall, place, [tool, *words], "")
    assert 0 <= outcome.status < 256
    assert "Traceback" not in outcome.stderr
