"""Reason codes of the pod network: how a packet gets from where it is to an address, and back."""

from kcnet.model.trace import Reason, Verdict

NOT_ROUTABLE = Reason(
    code="NOT_ROUTABLE",
    title="No way leads to this address from here",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "Pod addresses and ClusterIPs mean something inside the cluster alone. ClusterIPs exist only in the rules on "
        "the nodes, and an overlay's pod addresses are known only to the nodes that build it, so a client outside has "
        "no route to either: nothing answers and it waits until its timeout. The same happens inside the cluster with "
        "an address of the service range that belongs to no Service, or of the pod range that belongs to no pod."
    ),
    look=(
        "kubectl get pods -A -o wide",
        "kubectl get svc -A",
        "ip route get IP",
    ),
    causes=(
        "A client outside the cluster uses a pod's address or a ClusterIP.",
        "The address is out of date: the pod or the Service was created anew and has another.",
        "The address was copied from another cluster.",
    ),
    repair=(
        "From outside use a Service of type NodePort or LoadBalancer, an Ingress or a Gateway, or kubectl "
        "port-forward to look for oneself; from inside use the Service's name."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
)

ROUTE_LOCALHOST = Reason(
    code="ROUTE_LOCALHOST",
    title="It never leaves the pod",
    meaning=(
        "The destination is the loopback address or the sender's own, so the packet stays in its network namespace. "
        "All containers of a pod share that namespace, which is why they reach one another over localhost and why no "
        "two of them can listen on the same port. No other pod can be reached this way, not even on the same node."
    ),
    look=(
        "kubectl -n NAMESPACE exec POD -c CONTAINER -- curl -sS -m 5 http://localhost:PORT/",
        "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].name}'",
    ),
    causes=(
        "A container talks to a sidecar of its pod.",
        "A program was moved into a container and still looks for its database on localhost.",
    ),
    repair="If the other program runs in another pod, use the name of its Service instead of localhost.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
)

ROUTE_SAME_NODE = Reason(
    code="ROUTE_SAME_NODE",
    title="Both pods are on one node",
    meaning=(
        "The packet leaves the client pod by its virtual cable (veth) into the node, which hands it to the target's, "
        "over a bridge or a direct route. It is neither encapsulated nor translated and does not touch the network "
        "between the nodes, so it arrives even while that network is broken."
    ),
    look=(
        "kubectl -n NAMESPACE get pods -o wide",
        "ip route",
    ),
    causes=("The scheduler put both pods on the same node.",),
    repair="If it works on one node and not between nodes, look at the network plugin and at firewalls between them.",
    source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
)

ROUTE_OTHER_NODE = Reason(
    code="ROUTE_OTHER_NODE",
    title="The packet crosses to another node",
    meaning=(
        "Every pod reaches every other without address translation, also on another node; how is the network plugin's "
        "choice. An overlay wraps the packet into one from node to node (VXLAN, Geneve, IPIP, WireGuard), which the "
        "network below understands and which leaves less room for data (VXLAN 50 bytes less). A routed network sends "
        "it as it is and must know which node has which range of pod addresses."
    ),
    look=(
        "kubectl get pods -A -o wide",
        "kubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.spec.podCIDR",
        "ip route",
    ),
    causes=("The endpoint runs on another node than the one that holds the packet.",),
    repair=(
        "If only connections between nodes fail, let firewalls pass the plugin's port (for example UDP 8472 for VXLAN "
        "of flannel and Cilium, UDP 6081 for Geneve); if only large answers do, the MTU is too big for the overlay."
    ),
    source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
)

ROUTE_TO_NODE = Reason(
    code="ROUTE_TO_NODE",
    title="It is on its way to a node's own address",
    meaning=(
        "The destination is the address of a node: of a process there, a pod with hostNetwork, which shares the "
        "node's address, or a node port. Nodes have addresses from the network around the cluster, not from the pod "
        "range, so this part of the way needs no overlay."
    ),
    look=("kubectl get nodes -o wide",),
    causes=(
        "A node port is asked for.",
        "The endpoint is a pod with hostNetwork or an agent that runs on the node.",
    ),
    repair="If a client outside does not reach a node, look at firewalls and security groups before the node.",
    source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
)


RETURN_PATH = Reason(
    code="RETURN_PATH",
    title="The reply takes the same way back",
    meaning=(
        "Replies belong to a connection that is already known, so no policy is asked again, and each node that "
        "translated an address turns it back: the client sees the answer come from the very address that it asked. "
        "For that the reply must pass the same node, which is why nodes masquerade traffic that they take in for pods "
        "elsewhere."
    ),
    look=(
        "conntrack -L -s CLIENT_IP",
        "kubectl -n NAMESPACE exec CLIENT -- curl -v -m 5 URL",
    ),
    causes=("The connection was accepted.",),
    repair="If requests arrive and answers do not, look for asymmetric routes and for firewalls on the way back.",
    source="https://kubernetes.io/docs/tutorials/services/source-ip/",
)
