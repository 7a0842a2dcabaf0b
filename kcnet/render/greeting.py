"""What ``kcnet`` alone says: what it is, and what to try first."""

from __future__ import annotations

from kcnet.render.screen import Line, Row, Screen, Style, laid_out

DEMO = "kcnet trace --from shop/deploy/frontend --to http://cart/"

_TRY = (
    ("kcnet learn", "Lessons: predict, try, watch the packet, mend what is broken."),
    ("kcnet lab", "A shell with kubectl, curl and nslookup on a cluster in memory."),
    ("kcnet quiz", "Questions, again when they are due. kcnet exam is against the clock."),
    (DEMO, "Follow one request, hop by hop. Add --step to go step by step."),
    ("kcnet trace -f FOLDER", "The same in your own manifests: kcnet asks who calls whom."),
    ("kcnet check -f FOLDER", "What will not work in them. kcnet reach shows who can talk to whom."),
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
                (" teaches Kubernetes networking, and traces requests through manifests; no cluster.", Style.PLAIN),
            ),
        ),
        Row((), ()),
        Row((), (), (("Things to try:", Style.PLAIN),)),
        Row((), ()),
    ]
    for command, about in _TRY:
        rows += [
            Row(indent, deeper, ((command, Style.CHANGE),)),
            Row(deeper, deeper, ((about, Style.PLAIN),)),
        ]
    rows += [Row((), ()), Row((), (), (("kcnet --help lists the rest.", Style.QUIET),))]
    return "\n".join(laid_out(screen, rows)) + "\n"
