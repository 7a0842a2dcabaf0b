"""Reason codes of NetworkPolicy, at the client's side (egress) and at the target's (ingress)."""

from kcnet.model.trace import Reason, Verdict

NETPOL_EGRESS_DENIED = Reason(
    code="NETPOL_EGRESS_DENIED",
    title="No egress rule of the client's policies allows it",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "At least one policy in the client's namespace selects the client for egress, which isolates it: it may open "
        "only the connections that some rule of those policies allows, and none matches this one. No policy denies; "
        "what is missing is an allowance. Rules see the packet after the Service's address has been replaced, so they "
        "must match the target pod and its own port, not the Service and its port. Most plugins drop the packet "
        "silently, so the client waits until its timeout; the API does not prescribe it."
    ),
    look=(
        "kubectl -n NAMESPACE get networkpolicies",
        "kubectl -n NAMESPACE describe networkpolicy NAME",
        "kubectl -n NAMESPACE get pod CLIENT --show-labels",
        "kubectl get namespaces --show-labels",
    ),
    causes=(
        "A default deny for egress, and no rule for this target yet.",
        "The rule lists the Service's port; the target pod listens at another (targetPort).",
        "The target is in another namespace, and the rule has a podSelector alone, which means the policy's own.",
        "The namespaceSelector asks for a label that the namespace does not have.",
        "The rule allows the ClusterIP by ipBlock, while the plugin sees the pod's address.",
    ),
    repair=(
        "Add an egress rule for the target's pods and their own port to a policy that selects the client. For another "
        "namespace put namespaceSelector (kubernetes.io/metadata.name) and podSelector in one list item."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
)

NETPOL_INGRESS_DENIED = Reason(
    code="NETPOL_INGRESS_DENIED",
    title="No ingress rule of the target's policies allows it",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "At least one policy in the target's namespace selects the target pod for ingress, which isolates it: it "
        "accepts only what some rule of those policies allows, and none matches this client and port. The rules of "
        "all policies add up, in no order, and none can take back what another allows. The source counts as it "
        "arrives: behind an Ingress controller that is the controller's pod, and through externalTrafficPolicy "
        "Cluster a node. Most plugins drop the packet silently, so that the client waits until its timeout."
    ),
    look=(
        "kubectl -n NAMESPACE get networkpolicies",
        "kubectl -n NAMESPACE describe networkpolicy NAME",
        "kubectl -n NAMESPACE get pods --show-labels",
        "kubectl get namespaces --show-labels",
    ),
    causes=(
        "A default deny for ingress, and no rule for this client yet.",
        "The rule lists the Service's port instead of the pod's own (targetPort).",
        "The client is in another namespace, and the rule has a podSelector alone, which means the policy's own.",
        "The namespaceSelector or podSelector asks for labels that the client or its namespace does not have.",
        "The Ingress controller's namespace is not allowed.",
        "An ipBlock names the client's range, but the pod sees the address of a node.",
    ),
    repair=(
        "Add an ingress rule that matches the client, as the pod sees it, and the pod's own port to a policy that "
        "selects the pod."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
)

POLICY_NOT_ISOLATED = Reason(
    code="POLICY_NOT_ISOLATED",
    title="No policy selects the pod for this direction",
    meaning=(
        "A pod is open in a direction until a policy in its own namespace selects it and has that direction among its "
        "policyTypes. Each direction stands for itself: a policy that isolates for ingress leaves egress open. "
        "Without policyTypes a policy means Ingress, and Egress too only if it has an egress rule."
    ),
    look=(
        "kubectl -n NAMESPACE get networkpolicies",
        "kubectl -n NAMESPACE get pod POD --show-labels",
    ),
    causes=(
        "The namespace has no NetworkPolicy.",
        "Its policies select other pods, or are for the other direction.",
    ),
    repair="To close it, add a default deny: podSelector {} with the direction in policyTypes and no rules.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation",
)

POLICY_ALLOWED = Reason(
    code="POLICY_ALLOWED",
    title="A policy's rule allows it",
    meaning=(
        "The pod is isolated for this direction, and a rule of one of its policies matches: one of the rule's peers "
        "and one of its ports, where an empty or absent list matches everything. One such rule in one policy is "
        "enough, whatever the other policies say. The connection needs the consent of both sides, egress of the "
        "client and ingress of the target; its replies need none."
    ),
    look=(
        "kubectl -n NAMESPACE describe networkpolicy NAME",
        "kubectl -n NAMESPACE get pods --show-labels",
    ),
    causes=("A rule was written for this peer and port, or for a wider set that contains them.",),
    repair=(
        "If it should not be allowed, narrow the rule: a policy cannot forbid what another allows. Peers in two list "
        "items (two dashes) mean either; podSelector and namespaceSelector in one item mean both."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
)

POLICY_NOT_ENFORCED = Reason(
    code="POLICY_NOT_ENFORCED",
    title="This network plugin ignores policies",
    meaning=(
        "The API server stores a NetworkPolicy in any cluster, but only the network plugin can enforce it, and this "
        "one does not. There is no error and no status that would tell: policies exist, and every connection passes. "
        "Flannel by itself ignores them; Calico, Cilium, Antrea, kube-router and OVN-Kubernetes enforce them, and so "
        "does kindnet since kind 0.24."
    ),
    look=(
        "kubectl -n kube-system get daemonsets",
        "kubectl get networkpolicies -A",
    ),
    causes=(
        "The cluster runs plain flannel.",
        "The plugin has a switch for policies, and it is off.",
    ),
    repair="Use a plugin that enforces policies, or add an enforcer beside flannel (Canal, kube-network-policies).",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites",
)

POLICY_EXEMPT_SELF = Reason(
    code="POLICY_EXEMPT_SELF",
    title="A pod cannot be cut off from itself",
    meaning=(
        "Source and target are the same pod. All its containers share one network namespace, so the packet goes over "
        "the loopback interface, and no NetworkPolicy can forbid it."
    ),
    look=("kubectl -n NAMESPACE exec POD -c CONTAINER -- curl -sS -m 5 http://localhost:PORT/",),
    causes=(
        "One container of the pod talks to another over localhost.",
        "The pod asks for its own address, or for its own Service and is the endpoint chosen.",
    ),
    repair="To separate two programs by policy, run them in two pods.",
    source=(
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/"
        "#what-you-can-t-do-with-network-policies-at-least-not-yet"
    ),
)

POLICY_EXEMPT_NODE = Reason(
    code="POLICY_EXEMPT_NODE",
    title="A pod's own node always reaches it",
    meaning=(
        "The source is the node on which the pod runs. Its kubelet must be able to run the pod's health probes, so "
        "such traffic is allowed whatever the policies say; other nodes have no such right. A program with "
        "hostNetwork on the same node profits too, because its address is the node's."
    ),
    look=(
        "kubectl -n NAMESPACE get pod POD -o wide",
        "kubectl get nodes -o wide",
    ),
    causes=(
        "The kubelet, or another process of the node, connects to the pod.",
        "A pod with hostNetwork on the same node does.",
    ),
    repair="A NetworkPolicy cannot forbid it; keep clients that must be restricted off hostNetwork.",
    source=(
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/"
        "#what-you-can-t-do-with-network-policies-at-least-not-yet"
    ),
)

POLICY_EXEMPT_HOST_NETWORK = Reason(
    code="POLICY_EXEMPT_HOST_NETWORK",
    title="Policies pass over a pod with hostNetwork",
    meaning=(
        "A pod with hostNetwork: true has no network of its own: its traffic is the node's. What NetworkPolicy does "
        "with such pods is not defined; most plugins apply no policy to them and take their traffic for that of the "
        "node, so that no podSelector matches them as a peer and only an ipBlock with the node's address does."
    ),
    look=(
        "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.hostNetwork} {.status.podIP} {.status.hostIP}'",
        "kubectl -n NAMESPACE get networkpolicies",
    ),
    causes=("The pod that a policy selects, or names as a peer, runs with hostNetwork: true.",),
    repair="Give up hostNetwork if the pod is to be under policy, or guard the node with its own firewall.",
    source=(
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods"
    ),
)

POLICY_IGNORED_ON_REQUEST = Reason(
    code="POLICY_IGNORED_ON_REQUEST",
    title="Policies were left out on request",
    meaning=(
        "The trace was asked to ignore NetworkPolicies (--ignore policies), so it tells what the network would do "
        "without any. If the request arrives so and does not arrive otherwise, a policy is the only thing that stops "
        "it; if it fails here too, there is a fault that no policy explains."
    ),
    look=("kubectl get networkpolicies -A",),
    causes=("--ignore policies on the command line.",),
    repair="Leave --ignore policies out to see what the cluster really does.",
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
)
