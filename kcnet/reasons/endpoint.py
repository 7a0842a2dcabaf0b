"""Reason codes of the last step: the pod, or the process on a node, that the packet comes to."""

from kcnet.model.trace import Reason, Verdict

PORT_NOT_LISTENING = Reason(
    code="PORT_NOT_LISTENING",
    title="No process listens on this port",
    verdict=Verdict.REFUSED,
    meaning=(
        "The packet reached the pod, and no container listens on the port, so the pod's own TCP answers with a reset: "
        "connection refused at once. Kubernetes does not compare a Service's numeric targetPort with what containers "
        "declare, and a declared containerPort is information that opens nothing; only what the program really "
        "listens on counts. kcnet takes declared ports for those that are open, unless the annotation kcnet/listens "
        "says more."
    ),
    look=(
        "kubectl -n NAMESPACE get svc NAME -o jsonpath='{.spec.ports}'",
        "kubectl -n NAMESPACE get pod POD -o jsonpath='{.spec.containers[*].ports}'",
        "kubectl -n NAMESPACE exec POD -- netstat -tln",
        "kubectl -n NAMESPACE logs POD",
    ),
    causes=(
        "targetPort is not the port on which the application listens; absent, it equals port.",
        "The client asks a pod, or a headless Service, for the Service's port, which nobody translates.",
        "The application listens on another port than its image used to, or on 127.0.0.1 only.",
        "The protocol is another: UDP asked, TCP open.",
    ),
    repair="Set targetPort to the port on which the application listens, and let it listen on all addresses (0.0.0.0).",
    source="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)

ENDPOINT_GONE = Reason(
    code="ENDPOINT_GONE",
    title="The endpoint's address belongs to nobody",
    verdict=Verdict.TIMEOUT,
    meaning=(
        "The Service has an endpoint with this address, but no running pod and no node owns it. kube-proxy believes "
        "the EndpointSlice and forwards all the same; nothing answers, so the client waits until its timeout or hears "
        "that there is no route to the host. For Services with a selector the list is corrected within moments; one "
        "that somebody has written by hand stays as it is."
    ),
    look=(
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml",
        "kubectl get pods -A -o wide --field-selector status.podIP=IP",
    ),
    causes=(
        "An EndpointSlice or Endpoints object written by hand names an address that has changed.",
        "The pod or its node died, and the EndpointSlice is not yet updated.",
        "The manifests were taken from a cluster at different moments.",
    ),
    repair="Correct the address in the EndpointSlice, or give the Service a selector so that the list is kept for you.",
    source="https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/",
)

POD_NO_ADDRESS = Reason(
    code="POD_NO_ADDRESS",
    title="The pod has no address",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "A pod gets its address when it has been placed on a node and the network plugin there has set up its "
        "network, and it loses it when it has finished. This one has none, so nothing can be sent to it, no Service "
        "counts it among its endpoints, and it cannot send either."
    ),
    look=(
        "kubectl -n NAMESPACE get pod POD -o wide",
        "kubectl -n NAMESPACE describe pod POD",
        "kubectl get nodes",
    ),
    causes=(
        "The pod is Pending: no node has room or fits its nodeSelector, affinity and tolerations; see its events.",
        "It has finished (a Job), or failed.",
        "The node has no working network plugin and is NotReady.",
        "A hostPort or hostNetwork port that it wants is taken on every node that fits.",
    ),
    repair="Read the events of the pod and remove what keeps it from a node; ask a pod that runs.",
    source="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/",
)


ENDPOINT_HOST_PROCESS = Reason(
    code="ENDPOINT_HOST_PROCESS",
    title="It ends at a process of the node itself",
    meaning=(
        "The destination is a node's own address, and the port is served there without a pod network between: by a "
        "pod with hostNetwork, or by a process that no manifest describes, such as the kubelet or an SSH server. "
        "Which ports such processes hold open is a matter of the node."
    ),
    look=(
        "kubectl get nodes -o wide",
        "ss -tlnp",
    ),
    causes=(
        "A pod with hostNetwork listens on the port.",
        "The port is one of Kubernetes' own, such as 6443 (API server) or 10250 (kubelet).",
    ),
    repair="Nothing, if it is meant; a node's firewall decides who may reach its processes, not NetworkPolicy.",
    source="https://kubernetes.io/docs/reference/networking/ports-and-protocols/",
)
