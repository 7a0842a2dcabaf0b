"""What ``kcnet`` alone says: what it is, and three things to try."""

from __future__ import annotations

from kcnet.render.screen import Line, Row, Screen, Style, laid_out

DEMO = "kcnet trace --from shop/deploy/frontend --to http://cart/"

_TRY = (
    (DEMO, "Follow a request through the built-in demo shop. Add --step to go step by step."),
    ("kcnet trace -f FOLDER", "Your own manifests: kcnet asks who calls whom. A file, a glob or - work as well."),
    ("kcnet explain", "Every reason why a request arrives or does not, each with its causes and its repair."),
)


def greeting(screen: Screen) -> str:
    indent: Line = (("   ", Style.PLAIN),)
    deeper: Line = (("     ", Style.PLAIN),)
    rows = [
        Row(
            (),
            (),
            (
                ("kcnet", Style.STRONG),
                (" shows how a request moves through Kubernetes, from your manifests, without a cluster.", Style.PLAIN),
            ),
        ),
        Row((), ()),
        Row((), (), (("Three things to try:", Style.PLAIN),)),
    ]
    for command, about in _TRY:
        rows += [
            Row((), ()),
            Row(indent, deeper, ((command, Style.CHANGE),)),
            Row(deeper, deeper, ((about, Style.PLAIN),)),
        ]
    rows += [Row((), ()), Row((), (), (("kcnet --help lists the rest.", Style.QUIET),))]
    return "\n".join(laid_out(screen, rows)) + "\n"
