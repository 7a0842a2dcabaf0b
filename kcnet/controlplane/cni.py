"""What the usual network plugins do, as they are installed by default.

https://kubernetes.io/docs/concepts/cluster-administration/networking/ and each plugin's own documentation.
"""

from __future__ import annotations

from kcnet.model.cluster import CNI

NO_CNI_NAMED = CNI(name="", title="the CNI plugin", encapsulation=None, known=False, enforces_policy=True)

_PLUGINS = (
    CNI(name="antrea", title="Antrea", encapsulation="Geneve", known=True, enforces_policy=True),
    CNI(
        name="aws-vpc-cni",
        title="the Amazon VPC CNI",
        encapsulation=None,
        known=True,
        enforces_policy=None,  # only with its policy agent switched on
        ip_block_matches_pods=None,
        masquerades_to_nodes=False,
    ),
    CNI(
        name="calico",
        title="Calico",
        encapsulation=None,
        known=False,  # each IPPool says for itself: plain routes, IP-in-IP or VXLAN
        enforces_policy=True,
        masquerades_to_nodes=True,  # natOutgoing speaks of everything outside Calico's pools
    ),
    CNI(
        name="canal",
        title="Canal",
        encapsulation="VXLAN",
        known=True,
        enforces_policy=True,
        masquerades_to_nodes=True,
    ),
    CNI(
        name="cilium",
        title="Cilium",
        encapsulation="VXLAN",
        known=True,
        enforces_policy=True,
        ip_block_matches_pods=False,  # pods are matched by identity alone
    ),
    CNI(
        name="flannel",
        title="Flannel",
        encapsulation="VXLAN",
        known=True,
        enforces_policy=False,
        masquerades_to_nodes=True,
    ),
    CNI(
        name="kindnet",
        title="kindnet",
        encapsulation=None,
        known=True,
        enforces_policy=True,
        masquerades_to_nodes=True,  # its masquerade agent spares pod subnets alone
    ),
    CNI(
        name="kube-router",
        title="kube-router",
        encapsulation=None,
        known=True,
        enforces_policy=True,
        masquerades_to_nodes=False,  # its egress rule spares the set of node addresses
    ),
    CNI(name="ovn-kubernetes", title="OVN-Kubernetes", encapsulation="Geneve", known=True, enforces_policy=True),
    CNI(name="weave", title="Weave Net", encapsulation="VXLAN", known=True, enforces_policy=True),
)
_BY_NAME = {plugin.name: plugin for plugin in _PLUGINS}
_ALIASES = {
    "amazon-vpc-cni": "aws-vpc-cni",
    "aws": "aws-vpc-cni",
    "ovn": "ovn-kubernetes",
    "vpc-cni": "aws-vpc-cni",
    "weave-net": "weave",
}

KNOWN_CNIS: tuple[str, ...] = tuple(_BY_NAME)


def cni_named(name: str | None) -> CNI:
    """The plugin called ``name``, an alias of one, or one of which nothing but the name is known."""
    if not name:
        return NO_CNI_NAMED
    lower = name.lower()
    return _BY_NAME.get(_ALIASES.get(lower, lower)) or CNI(
        name=name,
        title=name,
        encapsulation=None,
        known=False,
        enforces_policy=None,
        ip_block_matches_pods=None,
    )
