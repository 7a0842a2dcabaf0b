"""Reason codes of kube-proxy's work: from a Service's address, or a node port, to one endpoint."""

from kcnet.model.trace import Reason, Verdict

SERVICE_NO_ENDPOINTS = Reason(
    code="SERVICE_NO_ENDPOINTS",
    title="The Service has no ready endpoint",
    verdict=Verdict.REFUSED,
    meaning=(
        "A Service forwards only to pods of its own namespace that carry every label of its selector and are ready, "
        "and there is none. kube-proxy then puts up a rule that rejects, so the client fails at once with connection "
        "refused; a wait until the timeout points to something else. The name still resolves and the ClusterIP still "
        "exists. A pod that is not ready stays listed in the EndpointSlice, so the list alone does not show that it "
        "gets traffic."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o wide",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
        "kubectl -n NAMESPACE get pods --show-labels",
        "kubectl -n NAMESPACE describe svc NAME",
    ),
    causes=(
        "The selector and the pods' labels differ by a typo, or a label of the template was renamed.",
        "The pods exist but are not ready: the readiness probe fails, the container crashes or still starts.",
        "The targetPort is a name that no container of the pods gives to a port with this protocol.",
        "The pods are in another namespace, or scaled to zero.",
        "The Service has no selector, and nobody has written an EndpointSlice for it.",
    ),
    repair=(
        "Make the selector equal to labels of the pod template, get the pods ready, and let a named targetPort be a "
        "name that the containers declare."
    ),
    source="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)

SERVICE_NO_LOCAL_ENDPOINTS = Reason(
    code="SERVICE_NO_LOCAL_ENDPOINTS",
    title="No endpoint on this node, and the policy says Local",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "With internalTrafficPolicy or externalTrafficPolicy Local a node forwards only to endpoints of its own, and "
        "this one has none, though other nodes have. There is no falling back: in the modes iptables and nftables the "
        "packet is dropped, so that the client waits until its timeout, while other nodes answer. In ipvs mode the "
        "ClusterIP of a Service of type ClusterIP refuses, that of a NodePort or LoadBalancer Service goes to all "
        "endpoints, and outside traffic is forwarded but its reply is lost. A load balancer avoids such nodes with "
        "the help of healthCheckNodePort; a client that addresses a node itself does not."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.externalTrafficPolicy} {.spec.internalTrafficPolicy}'",
        "kubectl -n NAMESPACE get pods -l SELECTOR -o wide",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
        "curl -sS http://NODE_IP:HEALTH_CHECK_NODE_PORT/",
    ),
    causes=(
        "externalTrafficPolicy Local keeps the client's address, but the node addressed runs none of the pods.",
        "internalTrafficPolicy Local belongs to a DaemonSet that skips this node (a taint, a nodeSelector).",
        "The only pod on this node is not ready.",
    ),
    repair=(
        "Run a pod on every node that is addressed (a DaemonSet, or spread constraints), address a node that has one, "
        "or use the policy Cluster and do without the client's address."
    ),
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies",
)

SERVICE_PORT_UNKNOWN = Reason(
    code="SERVICE_PORT_UNKNOWN",
    title="The Service has no such port",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "A ClusterIP is no machine that listens: it exists only in rules for the ports that the Service lists, and "
        "this port is not among them. In iptables mode no rule matches, the packet is routed towards an address that "
        "nobody has, and the client waits until its timeout. In the modes nftables and ipvs the node rejects it, so "
        "the client is refused at once. The usual slip is to ask the Service for the container's port: port is where "
        "the Service is reached, targetPort where the pod is."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME",
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.ports}'",
        "curl -sS http://localhost:10249/proxyMode",
    ),
    causes=(
        "The client asks for the targetPort instead of the port.",
        "The client asks for the nodePort at the ClusterIP; node ports exist at the addresses of nodes.",
        "The protocol differs: the port is listed for TCP and asked for by UDP, or the other way round.",
        "http:// or https:// in a URL stands for port 80 or 443, and the Service has another.",
    ),
    repair="Ask for a port that the Service lists, or add the port to spec.ports with the targetPort of the pods.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/",
)

NODE_PORT_CLOSED = Reason(
    code="NODE_PORT_CLOSED",
    title="Nothing is open at this port of the node",
    verdict=Verdict.REFUSED,
    meaning=(
        "The packet came to a node's own address at a port that no Service has as its nodePort, so it stays on the "
        "node. The node's TCP answers with a reset, as any machine does for a port on which no process listens. A "
        "node port is a number of its own, by default between 30000 and 32767: neither the Service's port nor the "
        "container's is open on the node."
    ),
    look=(
        "kubectl get svc -A",
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.ports[*].nodePort}'",
        "kubectl get nodes -o wide",
    ),
    causes=(
        "The number is not the one that was allocated; without nodePort in the manifest the cluster picks one.",
        "The Service's port or the container's port was asked for at the node.",
        "The Service is of type ClusterIP, or has allocateLoadBalancerNodePorts: false.",
        "The address is localhost or a second address of the node, at which the modes nftables (and for localhost "
        "ipvs) do not serve node ports.",
    ),
    repair="Ask for the number that kubectl get svc shows behind the colon (80:32000/TCP), or fix it with nodePort.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
)

SERVICE_ENDPOINT_CHOSEN = Reason(
    code="SERVICE_ENDPOINT_CHOSEN",
    title="kube-proxy's rules chose an endpoint",
    meaning=(
        "On the client's own node a kernel rule replaced the Service's address by that of one ready endpoint; no "
        "process carries the traffic and the Service is no hop. The choice is made once for each connection and kept "
        "for as long as it lives: at random with equal chances in the modes iptables and nftables, in turn in ipvs "
        "mode. Requests on one kept-alive HTTP or gRPC connection therefore all reach the same pod, and a dead "
        "endpoint is not tried again elsewhere."
    ),
    look=(
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
        "iptables-save -t nat | grep NAMESPACE/NAME",
        "ipvsadm -ln",
        "nft list table ip kube-proxy",
    ),
    causes=(
        "The destination is a ClusterIP, an external IP, a load balancer's address or a node port of the Service.",
    ),
    repair=(
        "If one pod gets all the load, the client keeps one connection open: balance in the client, for which a "
        "headless Service gives it all addresses, or in a proxy that understands requests."
    ),
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/",
)

SERVICE_AFFINITY = Reason(
    code="SERVICE_AFFINITY",
    title="The same client gets the same endpoint",
    meaning=(
        "With sessionAffinity ClientIP a node remembers which endpoint it gave to a source address and gives it "
        "again, until no new connection has come for timeoutSeconds (10800, three hours, unless stated) or the "
        "endpoint is gone. The memory is that of each node and each port of the Service, and the key is the address "
        "that the node sees: clients behind one NAT share an endpoint. It knows nothing of cookies or requests."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.sessionAffinity} {.spec.sessionAffinityConfig}'",
        "kubectl -n NAMESPACE describe svc NAME",
    ),
    causes=("spec.sessionAffinity is ClientIP.",),
    repair="For stickiness by cookie or user use an Ingress or Gateway controller that offers it.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
)

SERVICE_TOPOLOGY = Reason(
    code="SERVICE_TOPOLOGY",
    title="Hints narrowed the endpoints to near ones",
    meaning=(
        "The EndpointSlices carry hints for which nodes or zones each endpoint is meant, and kube-proxy on the "
        "client's node kept those that hint at its node or, failing that, at its zone. Hints count only if every "
        "ready endpoint has one and at least one fits; otherwise all endpoints are used. It is a preference without "
        "regard to load: a near pod that is overloaded still gets everything."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.trafficDistribution}'",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
        "kubectl get nodes -L topology.kubernetes.io/zone",
    ),
    causes=(
        "trafficDistribution is PreferSameZone (PreferClose is its old name) or PreferSameNode.",
        "The annotation service.kubernetes.io/topology-mode: Auto, which wins over trafficDistribution.",
    ),
    repair=(
        "Spread the pods evenly over the zones, so that each zone can carry its own clients; remove "
        "trafficDistribution to use all endpoints again."
    ),
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/",
)

SERVICE_LOCAL_ONLY = Reason(
    code="SERVICE_LOCAL_ONLY",
    title="Only endpoints on this node are used",
    meaning=(
        "A traffic policy of the Service is Local: internalTrafficPolicy rules what comes to the ClusterIP, "
        "externalTrafficPolicy what comes from outside to node ports, external IPs and load balancer addresses, and "
        "the two are independent. The node forwards to its own endpoints alone, which saves a hop and, for outside "
        "traffic, keeps the client's address. Nodes with few pods give each of them more than its share, because a "
        "load balancer counts nodes, not pods."
    ),
    look=(
        "kubectl -n NAMESPACE describe svc NAME",
        "kubectl -n NAMESPACE get pods -l SELECTOR -o wide",
    ),
    causes=(
        "externalTrafficPolicy: Local, to see the real client address.",
        "internalTrafficPolicy: Local, to reach the agent of a DaemonSet on the same node.",
    ),
    repair="Set the policy to Cluster to use all endpoints; spread the pods so that every node in use has one.",
    source="https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/",
)

SERVICE_SHORT_CIRCUIT = Reason(
    code="SERVICE_SHORT_CIRCUIT",
    title="A client in the cluster is spared the way out",
    meaning=(
        "A pod, or a process of the node, asked for an outside address of a Service (load balancer, external IP or "
        "node port) whose externalTrafficPolicy is Local. kube-proxy catches it on the client's node and treats it as "
        "if it had gone out and come back: it may use every endpoint in the cluster, so that the policy Local does "
        "not break access from inside. A pod keeps its own source address; a process of the node is masqueraded."
    ),
    look=(
        "kubectl -n NAMESPACE describe svc NAME",
        "iptables-save -t nat | grep KUBE-EXT",
    ),
    causes=("A pod uses the public address of an application that runs in the same cluster.",),
    repair="From inside, use the Service's name: it is shorter, and does not depend on the load balancer.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-policies",
)

SERVICE_TERMINATING_FALLBACK = Reason(
    code="SERVICE_TERMINATING_FALLBACK",
    title="Only pods that are shutting down are left",
    meaning=(
        "No endpoint is ready, but some are being deleted and still pass their readiness probe, and kube-proxy uses "
        "those rather than refuse. It closes the gap in a rolling update in which the last old pod goes before a new "
        "one is ready. It ends when the pod's grace period does; a terminating pod whose readiness fails is not used."
    ),
    look=(
        "kubectl -n NAMESPACE get pods -l SELECTOR -o wide",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
    ),
    causes=(
        "A rollout or scaling down removes pods faster than new ones become ready.",
        "On a node with the policy Local, the only local pod is being deleted.",
    ),
    repair=(
        "Keep enough ready pods during a rollout (maxUnavailable: 0, a PodDisruptionBudget), and let the application "
        "go on serving for a while after it is told to stop."
    ),
    source="https://kubernetes.io/docs/tutorials/services/pods-and-endpoint-termination-flow/",
)

SERVICE_NOT_PROXIED = Reason(
    code="SERVICE_NOT_PROXIED",
    title="kube-proxy has no rule for this",
    meaning=(
        "kube-proxy leaves the packet as it is. It ignores headless Services (clients get pod addresses from DNS) and "
        "ExternalName ones (DNS alone), Services labelled service.kubernetes.io/service-proxy-name, which another "
        "proxy is to serve, and load balancer addresses with ipMode Proxy or a host name only: these are reached "
        "through the balancer itself, also from inside the cluster. In iptables mode it has none either for what a "
        "node's own process sends to an external IP or a load balancer's address of a Service without endpoints: the "
        "rules that reject stand where packets are received or forwarded."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o yaml",
        "kubectl -n NAMESPACE get svc NAME --show-labels",
    ),
    causes=(
        "The Service has clusterIP: None.",
        "The load balancer's status says ipMode: Proxy, or has a hostname and no ip.",
        "The Service carries the label service.kubernetes.io/service-proxy-name.",
    ),
    repair="Give the Service a ClusterIP, or remove the label, if kube-proxy is to forward it.",
    source="https://kubernetes.io/docs/reference/networking/virtual-ips/",
)

NODE_PORT_ENTERED = Reason(
    code="NODE_PORT_ENTERED",
    title="It came in by a node port",
    meaning=(
        "The packet reached a node's own address at a number that a Service has as its nodePort, and the node's rules "
        "handed it to that Service. Every node takes it, whether or not it runs one of the pods; only with "
        "externalTrafficPolicy Local must the pod be on the node that was addressed. No process listens on the port, "
        "so ss and netstat on the node do not show it."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME",
        "kubectl get nodes -o wide",
        "iptables-save -t nat | grep KUBE-NODEPORTS",
    ),
    causes=(
        "A client asked for NODE_IP:NODE_PORT.",
        "A load balancer forwards to the node ports, as most outside a cloud's own network do.",
    ),
    repair=(
        "If it should not be open on every node, use type ClusterIP with an Ingress or Gateway before it, or "
        "allocateLoadBalancerNodePorts: false where the load balancer can do without; loadBalancerSourceRanges does "
        "not guard node ports."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
)
