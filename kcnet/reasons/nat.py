"""Reason codes of address translation: what becomes of a packet's source and destination."""

from kcnet.model.trace import Reason

NAT_DESTINATION = Reason(
    code="NAT_DESTINATION",
    title="The destination became the endpoint's address",
    meaning=(
        "The node replaced the Service's address and port by the endpoint's address and its target port (DNAT). From "
        "here on the packet is one to a pod like any other: it is routed by the pod's address, and network policies "
        "see the pod's port, not the Service's. The node's connection table remembers the pair and turns the "
        "addresses of the replies back, so that the client believes it speaks with the Service."
    ),
    look=(
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
        "conntrack -L -d CLUSTER_IP",
        "iptables-save -t nat | grep DNAT",
    ),
    causes=("The packet was sent to an address that kube-proxy serves.",),
    repair="If the port is wrong, correct targetPort in the Service: it decides at which port the pod is reached.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/",
)

NAT_MASQUERADE = Reason(
    code="NAT_MASQUERADE",
    title="The source became an address of the node",
    meaning=(
        "The node put its own address in place of the client's (SNAT, masquerade), so that the reply comes back "
        "through it and can be translated there. That is the price of letting any node take outside traffic for any "
        "pod: the pod no longer sees who the client is, and a network policy with an ipBlock for the client's range "
        "does not match. Strictly it is the address of the interface by which the packet leaves: the node's own, that "
        "of the tunnel, or the bridge's for a pod on the same node."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.externalTrafficPolicy}'",
        "iptables-save -t nat | grep -e KUBE-MARK-MASQ -e KUBE-POSTROUTING",
        "conntrack -L",
    ),
    causes=(
        "It came from outside to a node port, an external IP or a load balancer with externalTrafficPolicy Cluster.",
        "A process of the node, or a pod with hostNetwork, asked for a ClusterIP.",
        "A pod asked for the load balancer's address or for a node port of its own node.",
    ),
    repair=(
        "To see the client's address set externalTrafficPolicy: Local and run a pod on each node that takes traffic; "
        "behind an Ingress controller read X-Forwarded-For instead."
    ),
    source="https://kubernetes.io/docs/tutorials/services/source-ip/",
)

NAT_SOURCE_KEPT = Reason(
    code="NAT_SOURCE_KEPT",
    title="The source address stays the client's",
    meaning=(
        "Nothing rewrote the source, so the endpoint sees who really asks. It is so for pods that ask a ClusterIP or "
        "another pod, wherever that one runs, because every pod can be answered directly, and for clients outside "
        "when externalTrafficPolicy is Local. Network policies that select the client pod, or list the client's range "
        "as ipBlock, therefore match."
    ),
    look=(
        "kubectl -n NAMESPACE logs POD --tail=20",
        "kubectl get pods -A -o wide",
    ),
    causes=(
        "A pod asked for a ClusterIP or a pod's address.",
        "Traffic from outside under externalTrafficPolicy: Local.",
        "A pod asked for an outside address of a Service with externalTrafficPolicy: Local.",
    ),
    repair="Nothing; it is what the pod network promises.",
    source="https://kubernetes.io/docs/tutorials/services/source-ip/",
)

NAT_HAIRPIN = Reason(
    code="NAT_HAIRPIN",
    title="The pod reaches itself through its Service",
    meaning=(
        "The client asked its own Service and was the endpoint chosen. Were both addresses its own, the reply would "
        "stay in the pod and never be translated back; therefore the node masquerades the source, and the pod sees an "
        "address of its node. The node must also send the packet out by the very interface it came in by (hairpin "
        "mode of the bridge port); where the network plugin has that off, the pod times out on itself, and only on "
        "itself."
    ),
    look=(
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
        "cat /sys/devices/virtual/net/cni0/brif/VETH/hairpin_mode",
    ),
    causes=("A pod calls the Service that selects it; with n endpoints that happens in one connection of n.",),
    repair="Turn hairpin mode on in the network plugin, or let the application use localhost for itself.",
    source="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)

NAT_OUTBOUND = Reason(
    code="NAT_OUTBOUND",
    title="On leaving the cluster the pod takes its node's address",
    meaning=(
        "The network outside has no route to pod addresses, so the network plugin (or ip-masq-agent) replaces the "
        "source by the node's address when the destination is not in the cluster. The other side sees one address for "
        "all pods of a node, and another after the pod has moved; replies find back by connection tracking. Where pod "
        "addresses are routable, as in some clouds, the pod's own is kept."
    ),
    look=(
        "kubectl -n NAMESPACE get pod POD -o wide",
        "kubectl get nodes -o wide",
        "iptables-save -t nat | grep MASQUERADE",
    ),
    causes=("A pod connects to an address outside the cluster.",),
    repair=(
        "If the other side's firewall must know the sender, allow all node addresses or use an egress gateway, which "
        "several network plugins offer; Kubernetes itself has none."
    ),
    source="https://kubernetes.io/docs/tasks/administer-cluster/ip-masq-agent/",
)

HOST_PORT_FORWARDED = Reason(
    code="HOST_PORT_FORWARDED",
    title="A hostPort leads to the pod",
    meaning=(
        "A container of a pod on this node declares hostPort, and the network plugin (its portmap part) forwards that "
        "port of the node to the container's port. It is no Service: only the node that runs the pod has it, nothing "
        "is balanced, and the scheduler places no two pods with the same hostPort on one node."
    ),
    look=(
        "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].ports}'",
        "kubectl -n NAMESPACE get pod POD -o wide",
        "iptables-save -t nat | grep CNI-HOSTPORT",
    ),
    causes=("The packet was sent to the address of the pod's own node, at the port that a container has as hostPort.",),
    repair="Use a Service of type NodePort if every node should answer, or if more than one pod should.",
    source="https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/",
)
