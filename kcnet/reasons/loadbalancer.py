"""Reason codes of load balancers in front of the cluster."""

from kcnet.model.trace import Reason, Verdict

LB_PENDING = Reason(
    code="LB_PENDING",
    title="The load balancer has no address",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "A Service of type LoadBalancer only asks for one; a controller (of the cloud, or one such as MetalLB or "
        "kube-vip) must provide it and write its address into the status. Nobody has, so EXTERNAL-IP stays <pending> "
        "for ever and clients outside have nothing to connect to. What the type contains works all the same: the "
        "ClusterIP inside, and the node port on every node."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME",
        "kubectl -n NAMESPACE describe svc NAME",
        "kubectl get pods -A -o wide",
    ),
    causes=(
        "The cluster runs on bare metal, in kind or in minikube, and has no load balancer controller.",
        "loadBalancerClass names a controller that is not installed; the cloud's own ignores Services with any class.",
        "The cloud's quota is used up, or the controller lacks permission: the Service's events say so.",
        "MetalLB has no IPAddressPool with a free address, or no advertisement for it.",
    ),
    repair=(
        "Install a controller that serves the class (MetalLB on bare metal, cloud-provider-kind for kind, minikube "
        "tunnel), or use the node port or an Ingress meanwhile."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
)

LB_SOURCE_RANGE_DENIED = Reason(
    code="LB_SOURCE_RANGE_DENIED",
    title="The client is outside loadBalancerSourceRanges",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "The Service lists the client addresses that may use its load balancer, and this one lies in none of them. "
        "The balancer, or kube-proxy in any of its modes, drops the packet, so the client waits until its timeout. "
        "The list guards the load balancer's address alone: the same client still gets through by a node port or an "
        "external IP, and a range of /0 switches the list off."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.loadBalancerSourceRanges}'",
        "kubectl -n NAMESPACE describe svc NAME",
        "iptables-save | grep KUBE-FW",
    ),
    causes=(
        "The client's range is missing from the list.",
        "The client comes through a NAT or a VPN, with another address than was listed.",
        "A proxy before the load balancer hides the client's address.",
    ),
    repair="Add the address from which the client really comes to spec.loadBalancerSourceRanges.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
)

LB_FORWARDED = Reason(
    code="LB_FORWARDED",
    title="The load balancer handed it to a node",
    meaning=(
        "The load balancer outside the cluster picked one of the nodes it holds healthy and sent the connection "
        "there; kube-proxy on that node then picks the pod. With externalTrafficPolicy Cluster every node qualifies, "
        "and the pod may sit on another one. With Local only nodes with a ready pod answer the health check, so that "
        "the connection needs no second hop and the pod sees the client's address."
    ),
    look=(
        "kubectl -n NAMESPACE describe svc NAME",
        "kubectl get nodes -o wide",
        "curl -sS http://NODE_IP:HEALTH_CHECK_NODE_PORT/",
    ),
    causes=("A client connected to the address in status.loadBalancer of a Service.",),
    repair=(
        "If the load balancer reaches no node, open the node ports to it in the firewall and look at its health checks."
    ),
    source="https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/",
)
