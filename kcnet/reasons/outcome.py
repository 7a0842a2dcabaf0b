"""Reason codes of how a request ends, whatever way it took."""

from kcnet.model.trace import Reason, Verdict

DELIVERED = Reason(
    code="DELIVERED",
    title="It reached a process that listens",
    verdict=Verdict.DELIVERED,
    meaning=(
        "The connection's first packet came to a port on which a container listens, so the handshake completes and "
        "the application can answer. The answer needs no rule of its own: policies let the replies of an allowed "
        "connection pass, and each node undoes on the way back the address translation that it did on the way out. "
        "What the application then says, a page or an error of its own, is no longer a matter of the network."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- curl -sS -m 5 -o /dev/null -w '%{http_code} %{remote_ip}\\n' URL",
        "kubectl -n NAMESPACE logs POD --tail=20",
    ),
    causes=(
        "Every stage on the way let it pass: the name, the Service, the policies of both sides, the route, the port.",
        "It should have been stopped, but no NetworkPolicy isolates the pod, or one allows more than was meant: two "
        "dashes under from or to mean either, not both.",
        "It should have been stopped, but the cluster's network plugin does not enforce NetworkPolicy.",
    ),
    repair=(
        "Nothing, if it is meant to arrive. If not, isolate the target with a NetworkPolicy that selects its pods and "
        "lists only the peers that may come."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/",
)

LEFT_CLUSTER = Reason(
    code="LEFT_CLUSTER",
    title="It left the cluster",
    verdict=Verdict.EXTERNAL,
    meaning=(
        "The destination is neither a pod, nor a node, nor an address that kube-proxy serves, so the node hands the "
        "packet to the network outside. The network plugin normally rewrites the source to the node's address first, "
        "because nobody outside has a route to pod addresses. Whether the other side exists, listens and lets the "
        "request in cannot be known from manifests."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- nslookup HOST",
        "kubectl -n NAMESPACE exec CLIENT -- curl -sS -m 5 -o /dev/null -w '%{http_code} %{remote_ip}\\n' URL",
    ),
    causes=(
        "The target is an address or a public name outside the cluster.",
        "An ExternalName Service points at a name outside the cluster.",
        "The load balancer's address is not handled by kube-proxy (ipMode Proxy, or a host name only), so clients in "
        "the cluster go out to the load balancer as everybody else does.",
        "A short name was meant for a Service, but none has that name and public DNS knows the name.",
    ),
    repair=(
        "To forbid it, isolate the pods for egress and allow the wanted address ranges with ipBlock. A NetworkPolicy "
        "cannot name a host; that takes the network plugin's own resources or an egress gateway."
    ),
    source="https://kubernetes.io/docs/concepts/cluster-administration/networking/",
)

CANNOT_TELL = Reason(
    code="CANNOT_TELL",
    title="The manifests do not decide it",
    verdict=Verdict.UNKNOWN,
    meaning=(
        "The answer depends on something that no manifest states, such as the contents of a custom resource, the "
        "behaviour of a network plugin where the API leaves it open, or a setting on a node. kcnet says so instead of "
        "guessing; the step names what is missing. Wherever Kubernetes itself is definite, this code is not used."
    ),
    look=(
        "kubectl get pods -A -o wide",
        "kubectl get svc,endpointslices,networkpolicies,ingress -A",
    ),
    causes=(
        "The behaviour belongs to the network plugin, the controller or the cloud, and they differ.",
        "An Ingress backend is a resource, not a Service, which only its controller understands.",
        "The manifests are a part of the application; the object that decides is in another folder or chart.",
    ),
    repair=(
        "Add what the step names: another manifest, a status copied from the cluster with kubectl get -o yaml, or a "
        "fact in a document of kind Cluster (apiVersion kcnet/v1)."
    ),
    source="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)
