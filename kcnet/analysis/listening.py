"""What a pod listens on, as far as its manifest tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kcnet.model.names import Protocol
from kcnet.model.objects import Pod, ServicePort

if TYPE_CHECKING:
    from kcnet.analysis.finding import Subject


def listens(pod: Pod, number: int, protocol: Protocol) -> bool | None:
    """Whether something in the pod answers there; None if that is not told.

    The annotation ``kcnet/listens`` is believed; else containers that all declare ports are taken to declare all.
    """
    if pod.listens is not None:
        return (number, protocol) in pod.listens
    if any(port.number == number and port.protocol is protocol for port in pod.ports):
        return True
    return False if pod.declares_ports else None


def refuses(subject: Subject, pod: Pod, number: int, protocol: Protocol) -> bool:
    """Whether surely nothing in the pod answers there: it declares other ports, and nothing that its containers are
    told, such as ``--port 8080``, speaks of this one."""
    if listens(pod, number, protocol) is not False:
        return False
    return pod.listens is not None or not any(_speaks_of(number, text) for text in subject.texts(pod))


def _speaks_of(number: int, text: str) -> bool:
    """As a number of its own; ``cart:8080`` is somebody else's port."""
    return re.search(rf"(?<![\d.])(?<![A-Za-z]:){number}(?![\d.]\d?)", text) is not None


def resolved(port: ServicePort, pod: Pod) -> int | None:
    """The number that a Service's port stands for at this pod; None for a name that the pod does not give.

    https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/endpointslice/utils.go
    """
    if isinstance(port.target_port, int):
        return port.target_port
    named = (item for item in pod.ports if item.name == port.target_port and item.protocol is port.protocol)
    return next((item.number for item in named), None)
