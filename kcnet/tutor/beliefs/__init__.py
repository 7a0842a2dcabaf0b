"""Named wrong models: what people believe of Kubernetes networking, and what would follow if it were so.

The misconceptions are those that the documentation has to correct again and again. A choice that a learner picks says
which of them to mend, since each wrong choice is what one of these models predicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kcnet.tutor.beliefs import dns, ingress, outside, podnetwork, policy, policyunion, services
from kcnet.tutor.beliefs.belief import Belief, Misreading

__all__ = ["BELIEFS", "Belief", "Misreading"]

BELIEFS: Final[Mapping[str, Belief]] = {
    belief.id: belief
    for module in (podnetwork, services, dns, outside, ingress, policy, policyunion)
    for belief in module.BELIEFS
}
"""By id, in the order of the course."""
