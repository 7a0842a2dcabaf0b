"""Reason codes of the name lookup that comes before every connection to a name."""

from kcnet.model.trace import Reason, Verdict

DNS_NXDOMAIN = Reason(
    code="DNS_NXDOMAIN",
    title="No such name",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "DNS answered that the name does not exist, so there is no address to connect to and no packet is sent to the "
        "target. A pod completes a short name with its search list, its own namespace first: cart asked from shop "
        "becomes cart.shop.svc.cluster.local, and a Service in another namespace is found only as cart.NAMESPACE. A "
        "headless Service has an A record for each ready pod, so with none ready its name does not exist at all, "
        "unlike that of a Service with a ClusterIP, which always resolves."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- cat /etc/resolv.conf",
        "kubectl -n NAMESPACE exec CLIENT -- nslookup NAME.NAMESPACE.svc.cluster.local.",
        "kubectl get svc -A --field-selector metadata.name=NAME",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
    ),
    causes=(
        "The Service is in another namespace and was asked for by its bare name.",
        "The name is misspelt, or no such Service exists.",
        "The Service is headless and none of its pods is ready, or its selector matches none.",
        "The client's DNS is not the cluster's: dnsPolicy Default, or hostNetwork with dnsPolicy ClusterFirst, which "
        "then behaves as Default.",
        "An ExternalName holds an IP address, of which CoreDNS makes no record, or an outside name that is misspelt.",
        "A name of one pod (web-0.web) whose StatefulSet has another serviceName, or whose pod is not ready.",
    ),
    repair=(
        "Ask for NAME.NAMESPACE, or create the Service where the client looks for it. If it is headless, get its pods "
        "ready, or set publishNotReadyAddresses where peers must meet before they are ready."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
)

DNS_NO_RECORDS = Reason(
    code="DNS_NO_RECORDS",
    title="The name exists but has no address",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "DNS answered without an error and without an address (NODATA): the name is known, but there is no record of "
        "the wanted type. It is not the same as a name that does not exist, though most programs report both alike. "
        "CoreDNS answers so for the names above Services, such as NAMESPACE.svc.cluster.local of an existing "
        "namespace, and for an IPv6 address of a Service that has IPv4 alone."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- nslookup -type=A NAME.NAMESPACE.svc.cluster.local.",
        "kubectl -n NAMESPACE exec CLIENT -- nslookup -type=AAAA NAME.NAMESPACE.svc.cluster.local.",
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.ipFamilies} {.spec.clusterIPs}'",
    ),
    causes=(
        "The name of a namespace was asked for instead of that of a Service in it.",
        "The Service has no address of the family that the client asks for.",
        "An ExternalName points at a name inside the cluster that does not exist: CoreDNS leaves such an alias out.",
        "The domain itself was asked for: svc.cluster.local, pod.cluster.local or cluster.local.",
    ),
    repair="Ask for a Service, NAME.NAMESPACE; if it lacks the IP family, set ipFamilyPolicy: PreferDualStack on it.",
    source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
)

DNS_BLOCKED_BY_POLICY = Reason(
    code="DNS_BLOCKED_BY_POLICY",
    title="A policy keeps the client from cluster DNS",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "A name lookup is a connection of its own: from the client to port 53 of a CoreDNS pod. As soon as a policy "
        "isolates the client for egress, that connection too needs a rule which allows it, and without one the client "
        "never learns the address, however well the rule for the target itself is written. The packets vanish, so the "
        "lookup fails only after a wait, while the same request by IP address may work at once. A policy on the "
        "CoreDNS pods that does not let the client in has the same effect."
    ),
    look=(
        "kubectl -n NAMESPACE get networkpolicies",
        "kubectl -n NAMESPACE describe networkpolicy NAME",
        "kubectl -n NAMESPACE exec CLIENT -- nslookup kubernetes.default",
        "kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide",
    ),
    causes=(
        "A default deny for egress without a rule for DNS.",
        "A rule for DNS that allows port 53 over TCP alone: a port without a protocol means TCP, lookups use UDP.",
        "A rule whose namespaceSelector asks for a label that kube-system does not have; every namespace has "
        "kubernetes.io/metadata.name.",
        "A rule for the address of the kube-dns Service: most plugins see the CoreDNS pod's address there.",
    ),
    repair=(
        "Allow egress to the pods labelled k8s-app=kube-dns in the namespace kube-system (namespaceSelector and "
        "podSelector in one list item), port 53 with protocol UDP and port 53 with protocol TCP."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
)

DNS_UNREACHABLE = Reason(
    code="DNS_UNREACHABLE",
    title="Cluster DNS does not answer",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "The client asks the address of the kube-dns Service, and no DNS server behind it can answer. Cluster DNS is "
        "an ordinary Service in front of ordinary pods, so it fails as any other does: with no ready CoreDNS pod the "
        "lookup is rejected. Then every name fails, inside the cluster and outside, while connections by IP address "
        "still work. How a program words it differs: temporary failure in name resolution, or connection refused."
    ),
    look=(
        "kubectl -n kube-system get pods,endpointslices -l k8s-app=kube-dns",
        "kubectl -n kube-system logs -l k8s-app=kube-dns",
        "kubectl -n NAMESPACE exec CLIENT -- cat /etc/resolv.conf",
    ),
    causes=(
        "The CoreDNS pods are Pending: without a network plugin no pod gets an address.",
        "CoreDNS crashes, for example by its loop check when the node's resolv.conf points back at it.",
        "The kube-dns Service selects no pod, or has an address other than the one written into the pods.",
    ),
    repair=(
        "Get the pods labelled k8s-app=kube-dns in kube-system ready; their logs and events say what keeps them. Then "
        "compare the nameserver in the client's resolv.conf with the address of the kube-dns Service."
    ),
    source="https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/",
)

DNS_RESOLVED = Reason(
    code="DNS_RESOLVED",
    title="Cluster DNS gave an address",
    meaning=(
        "The name is that of a Service, and CoreDNS answered with its ClusterIP. Unless the name ends in a dot, the "
        "resolver in the pod tries it with each suffix of its search list (NAMESPACE.svc.cluster.local, "
        "svc.cluster.local, cluster.local), and the first answer wins; a name with five dots or more is tried as it "
        "stands first (ndots:5). An address says nothing about whether a pod is behind it: a ClusterIP resolves with "
        "no endpoint at all."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- nslookup NAME",
        "kubectl -n NAMESPACE exec CLIENT -- cat /etc/resolv.conf",
        "kubectl -n NAMESPACE get svc NAME",
    ),
    causes=(
        "The bare name of a Service in the client's own namespace.",
        "NAME.NAMESPACE, the usual form for a Service elsewhere.",
        "The full name; only with a dot at its end does it spare the tries with the search list.",
    ),
    repair="If it is not the Service that was meant, write NAME.NAMESPACE: the client's own namespace comes first.",
    source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
)


DNS_PUBLIC_NAME = Reason(
    code="DNS_PUBLIC_NAME",
    title="A name outside the cluster",
    meaning=(
        "No record of the cluster has this name, so the question goes on to public DNS: from a pod through CoreDNS to "
        "the resolvers of its node, from elsewhere directly. A name with fewer than five dots is first tried with the "
        "pod's search list, so api.example.com costs several fruitless questions, and a Service example in a "
        "namespace com would capture example.com. What public DNS answers is not in the manifests; of the names of "
        "load balancers and Ingress hosts kcnet takes for granted that somebody has published them."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- nslookup HOST",
        "kubectl -n kube-system get configmap coredns -o yaml",
    ),
    causes=(
        "The target is a service on the Internet or in the company's network.",
        "An Ingress host or a load balancer's name, which public DNS has to point at the balancer's address.",
    ),
    repair="End the name with a dot, or lower ndots in dnsConfig, to spare the tries with the search list.",
    source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
)

DNS_HEADLESS = Reason(
    code="DNS_HEADLESS",
    title="One address for each ready pod",
    meaning=(
        "The Service is headless (clusterIP: None): it has no address of its own, and DNS answers with the addresses "
        "of its ready pods. The client picks one and connects to the pod directly, so kube-proxy takes no part, "
        "nothing is balanced per connection, and the Service's port is not translated: the port that the client asks "
        "for is the port at which the pod must listen. A client that keeps the first answer goes on using it after "
        "that pod has gone."
    ),
    look=(
        "kubectl -n NAMESPACE exec CLIENT -- nslookup NAME.NAMESPACE.svc.cluster.local.",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME",
    ),
    causes=(
        "A StatefulSet whose members are addressed one by one, as NAME-0.SERVICE.",
        "A client that balances by itself, as gRPC clients often do.",
    ),
    repair="Ask for the container's port. If clients need a port of the Service, give the Service a ClusterIP.",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#headless-services",
)

DNS_EXTERNAL_NAME = Reason(
    code="DNS_EXTERNAL_NAME",
    title="The Service is an alias in DNS",
    meaning=(
        "A Service of type ExternalName has no ClusterIP, no endpoints and no rule of kube-proxy: it is a CNAME "
        "record and nothing more. The client resolves the other name and connects there by itself, at the port that "
        "it asked for; ports written in the Service have no effect. Because the client still uses the Service's name, "
        "an HTTP server may answer for the wrong host and a TLS certificate will not match."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME",
        "kubectl -n NAMESPACE exec CLIENT -- nslookup NAME.NAMESPACE.svc.cluster.local.",
    ),
    causes=(
        "A database or an API outside the cluster gets a name inside it.",
        "A Service of another namespace gets a name in this one, until it moves.",
    ),
    repair=(
        "Where the name must match (HTTP, TLS), use the outside name itself. For an IP address instead of a name, use "
        "a Service without a selector and an EndpointSlice written by hand."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/service/#externalname",
)

ADDRESS_GIVEN = Reason(
    code="ADDRESS_GIVEN",
    title="No lookup is needed",
    meaning=(
        "The target is an IP address, or an object whose address the cluster knows, so no question goes to DNS. When "
        "such a request works and the same by name does not, the fault lies in DNS or in a policy towards port 53; "
        "when both fail, it lies further on."
    ),
    look=(
        "kubectl get svc,pods -A -o wide",
        "kubectl get nodes -o wide",
    ),
    causes=(
        "An IP address was typed.",
        "A pod, a Service or a node was named as an object.",
    ),
    repair=(
        "Applications should use names: a pod's address changes whenever the pod is replaced, a ClusterIP when the "
        "Service is created anew."
    ),
    source="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)
