"""``undo`` and ``reset``"""

from __future__ import annotations

from kcnet.lab.call import Call
from kcnet.lab.machine import Wrote


def undo(call: Call) -> int:
    line = call.session.undo()
    if line is None:
        call.err("undo: nothing has been changed.")
        if call.session.reopened:
            call.note("What an earlier call changed can be taken back by reset alone.")
        return 1
    first, *more = line.strip().splitlines()
    call.line(f"Undone: {first}{' ...' if more else ''}")
    call.did(Wrote("undo", "", None, first))
    return 0


def reset(call: Call) -> int:
    call.session.reset()
    call.line("The lab is as it was at the beginning. undo takes this back.")
    call.did(Wrote("reset", "", None, ""))
    return 0
