"""Reason codes of Ingress: the controller that takes the request, the rule, the backend, TLS."""

from kcnet.model.trace import Reason, Verdict

INGRESS_NO_CONTROLLER = Reason(
    code="INGRESS_NO_CONTROLLER",
    title="No controller serves this Ingress",
    verdict=Verdict.UNRESOLVED,
    meaning=(
        "An Ingress is data: a controller that claims its class must read it and do the work. None does, so its "
        "ADDRESS stays empty, nobody publishes an address for the host and clients have nothing to connect to. The "
        "API server accepts it all the same and reports nothing. The class written into an Ingress without one is "
        "that of the IngressClass marked as default; if none is marked, the field stays empty."
    ),
    look=(
        "kubectl -n NAMESPACE get ingress NAME",
        "kubectl get ingressclass",
        "kubectl get pods -A -o wide",
    ),
    causes=(
        "The Ingress has no ingressClassName, and no IngressClass is marked as default.",
        "ingressClassName is misspelt, or names a class that does not exist.",
        "No Ingress controller is installed; Kubernetes brings none.",
        "The controller serves another class than the IngressClass names.",
    ),
    repair=(
        "Set spec.ingressClassName to a class that kubectl get ingressclass lists and whose controller runs, or mark "
        "one IngressClass as default before the Ingress is created."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class",
)

INGRESS_NO_MATCH = Reason(
    code="INGRESS_NO_MATCH",
    title="No rule matches this host and path",
    verdict=Verdict.HTTP_ERROR,
    meaning=(
        "The request reached the controller, but no rule of its Ingresses fits the Host header and the path, and none "
        "has a default backend, so the controller itself answers 404. A host with a wildcard stands for exactly one "
        "more label: *.example.com covers shop.example.com, not example.com. Exact compares the whole path, trailing "
        "slash included; Prefix compares element by element, so that /cart covers /cart/ and /cart/items, not /carts. "
        "Paths are case-sensitive; the query string plays no part."
    ),
    look=(
        "kubectl -n NAMESPACE describe ingress NAME",
        "kubectl get ingress -A",
        "curl -sS -i -H 'Host: HOST' http://ADDRESS/PATH",
    ),
    causes=(
        "The Host header is another: the address was asked for by IP, or by a name that no rule has.",
        "The path type is Exact, and the request has a trailing slash or goes deeper.",
        "Only some paths have a rule, and / has none.",
        "The Ingress belongs to another class, so this controller does not know it.",
    ),
    repair=(
        "Add a rule for the host and path, use pathType Prefix where deeper paths belong to it, or add a "
        "defaultBackend. To try a host before DNS knows it, send the Host header (--host)."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",
)

INGRESS_BACKEND_MISSING = Reason(
    code="INGRESS_BACKEND_MISSING",
    title="The rule's backend does not exist",
    verdict=Verdict.HTTP_ERROR,
    meaning=(
        "A rule matched, but its backend names a Service that the Ingress's own namespace does not have, or a port "
        "that the Service does not list. The API server does not check either. ingress-nginx answers 503; other "
        "controllers differ, Traefik for one answers 404 as if there were no rule. The port is the Service's port, by "
        "number or by name, not the container's, although ingress-nginx lets a targetPort pass."
    ),
    look=(
        "kubectl -n NAMESPACE describe ingress NAME",
        "kubectl -n NAMESPACE get svc",
        "kubectl -n INGRESS_NAMESPACE logs deploy/CONTROLLER",
    ),
    causes=(
        "The Service's name is misspelt, or it was renamed.",
        "The Service is in another namespace; an Ingress reaches only those of its own.",
        "The port is not one of the Service's: the number of something else, or a name that it does not give.",
    ),
    repair=(
        "Correct service.name and service.port in the backend to a Service in the same namespace and a port that it "
        "lists; or move the Ingress to where the Service is."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/",
)

INGRESS_BACKEND_NO_ENDPOINTS = Reason(
    code="INGRESS_BACKEND_NO_ENDPOINTS",
    title="The backend has no ready pod",
    verdict=Verdict.HTTP_ERROR,
    meaning=(
        "The rule and its Service are right, but the Service has no ready endpoint, so the controller has nobody to "
        "pass the request to. Most controllers read the EndpointSlices themselves and send to pods, not to the "
        "ClusterIP, so they know it beforehand: ingress-nginx and most others answer 503, Traefik 404 unless told "
        "otherwise. A client inside the cluster that asks the Service itself would be refused instead."
    ),
    look=(
        "kubectl -n NAMESPACE describe ingress NAME",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=SERVICE",
        "kubectl -n NAMESPACE get pods --show-labels",
    ),
    causes=(
        "The pods are not ready: a failing readiness probe, a crash, a rollout.",
        "The Service's selector matches no pod.",
        "The Service's targetPort is a name that no container has.",
    ),
    repair="Get a pod behind the Service ready: mend the selector, the readiness probe or the named targetPort.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/",
)

INGRESS_BACKEND_UNREACHABLE = Reason(
    code="INGRESS_BACKEND_UNREACHABLE",
    title="The controller cannot reach the backend's pods",
    verdict=Verdict.HTTP_ERROR,
    meaning=(
        "To serve the request the controller opens a connection of its own to a pod, and that one fails. If the pod "
        "refuses it the client gets 502 Bad Gateway, after the controller has tried further endpoints; if nothing "
        "answers it gets 504 Gateway Timeout, in ingress-nginx after 5 seconds for each try. Controllers built on "
        "Envoy may answer 503 in either case. For the pod the client is the controller's pod, and it is that one "
        "which network policies must allow."
    ),
    look=(
        "kubectl -n INGRESS_NAMESPACE logs deploy/CONTROLLER",
        "kubectl -n NAMESPACE get networkpolicies",
        "kubectl -n INGRESS_NAMESPACE exec deploy/CONTROLLER -- curl -sS -m 5 http://POD_IP:PORT/",
    ),
    causes=(
        "502: the Service's targetPort is not the port on which the application listens.",
        "504: a NetworkPolicy isolates the pods and does not allow the controller's namespace.",
        "504: a policy in the controller's namespace keeps it from going out.",
        "502: the application listens on 127.0.0.1 only.",
    ),
    repair=(
        "For a 502 correct targetPort. For a 504 allow ingress to the pods from the controller's namespace "
        "(kubernetes.io/metadata.name) at the pods' own port."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/",
)

INGRESS_WRONG_SCHEME = Reason(
    code="INGRESS_WRONG_SCHEME",
    title="Plain HTTP was sent to the HTTPS port",
    verdict=Verdict.HTTP_ERROR,
    meaning=(
        "Port 443 of the controller expects a TLS handshake, and the client began with an HTTP request instead. The "
        "connection itself works, so the controller answers: nginx says 400, The plain HTTP request was sent to HTTPS "
        "port. No rule is looked at, whatever the host and path."
    ),
    look=(
        "curl -sS -i http://HOST:443/",
        "curl -sS -i https://HOST/",
        "kubectl -n INGRESS_NAMESPACE get svc",
    ),
    causes=(
        "http:// was written with port 443.",
        "A proxy or load balancer before the controller takes TLS off and goes on to port 443.",
    ),
    repair="Use https://, or port 80 for plain HTTP; let a balancer that ends TLS itself go on to port 80.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
)

TLS_NOT_SPOKEN_HERE = Reason(
    code="TLS_NOT_SPOKEN_HERE",
    title="TLS was sent to a port that speaks plain HTTP",
    verdict=Verdict.TLS_ERROR,
    meaning=(
        "The connection was accepted, and the client began a TLS handshake with a server that expects plain HTTP. The "
        "server does not understand the greeting and answers with an HTTP error or hangs up, so the handshake cannot "
        "succeed; OpenSSL reports wrong version number. In Kubernetes TLS usually ends at the Ingress controller, and "
        "behind it Services and pods speak plain HTTP."
    ),
    look=(
        "curl -v https://HOST:PORT/",
        "openssl s_client -connect HOST:PORT -servername HOST",
        "kubectl -n NAMESPACE get svc NAME",
    ),
    causes=(
        "https:// was written for a Service or a pod that speaks plain HTTP.",
        "https:// was written with the controller's port for HTTP.",
        "The Service's port 443 leads to the targetPort of plain HTTP.",
    ),
    repair="Use http:// inside the cluster, or the host of an Ingress with TLS; or let the application speak TLS.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
)

TLS_CERTIFICATE_MISSING = Reason(
    code="TLS_CERTIFICATE_MISSING",
    title="There is no certificate for this host",
    verdict=Verdict.TLS_ERROR,
    meaning=(
        "The controller answers on port 443, but no Ingress gives it a certificate for this host, so it shows its "
        "default one, which it has signed itself. A client that checks certificates breaks off (curl 60), and a "
        "browser warns. The certificate comes from a Secret of type kubernetes.io/tls in the Ingress's own namespace, "
        "named in spec.tls together with the hosts it is for; the server name that the client sends picks it, while "
        "the Host header picks the rule."
    ),
    look=(
        "kubectl -n NAMESPACE get ingress NAME -o jsonpath='{.spec.tls}'",
        "kubectl -n NAMESPACE get secret SECRET -o jsonpath='{.type}'",
        "openssl s_client -connect ADDRESS:443 -servername HOST",
    ),
    causes=(
        "The Ingress has no tls section.",
        "tls.hosts does not list the host; a wildcard covers one label.",
        "The Secret does not exist, is in another namespace, or is not of type kubernetes.io/tls.",
        "The certificate in the Secret is for other names.",
    ),
    repair=(
        "Create the Secret in the Ingress's namespace (kubectl create secret tls) and name it in spec.tls with the "
        "host under hosts."
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
)

INGRESS_RULE_MATCHED = Reason(
    code="INGRESS_RULE_MATCHED",
    title="A rule matches the host and the path",
    meaning=(
        "The controller compares the Host header first: an exact host wins over a wildcard, and that over a rule "
        "without host. Among the paths of that host the longest that matches wins, and of two equally long ones Exact "
        "wins over Prefix. The path is passed on unchanged unless an annotation of the controller rewrites it."
    ),
    look=(
        "kubectl -n NAMESPACE describe ingress NAME",
        "kubectl get ingress -A",
    ),
    causes=("A rule of an Ingress that this controller serves fits the request.",),
    repair="If another rule was meant, give it a longer path or the exact host.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches",
)

INGRESS_DEFAULT_BACKEND = Reason(
    code="INGRESS_DEFAULT_BACKEND",
    title="No rule matches, so the default backend takes it",
    meaning=(
        "The Ingress has a defaultBackend, which gets what no rule matches, and also all traffic of a rule that has a "
        "host but no paths. Without one the controller answers by itself, usually with 404. Relying on it can hide a "
        "mistyped path: the request arrives, but at another application."
    ),
    look=(
        "kubectl -n NAMESPACE get ingress NAME -o jsonpath='{.spec.defaultBackend}'",
        "kubectl -n NAMESPACE describe ingress NAME",
    ),
    causes=(
        "The path or the host fits no rule.",
        "The Ingress consists of a defaultBackend alone.",
    ),
    repair="If a rule was meant to match, compare its host, path and pathType with the request.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#default-backend",
)

INGRESS_REDIRECTED = Reason(
    code="INGRESS_REDIRECTED",
    title="The controller sends the client to HTTPS",
    meaning=(
        "The Ingress has TLS for this host, so ingress-nginx answers a request by plain HTTP with 308 and the "
        "https:// address (ssl-redirect). No pod sees it: the client must come again on port 443, which a browser "
        "does by itself and curl only with -L. With other controllers it depends on their settings."
    ),
    look=(
        "curl -sS -i http://HOST/",
        "kubectl -n NAMESPACE get ingress NAME -o yaml",
    ),
    causes=("http:// was asked of a host that a tls section lists.",),
    repair=(
        "Ask for https://. To serve plain HTTP as well, annotate the Ingress with "
        'nginx.ingress.kubernetes.io/ssl-redirect: "false".'
    ),
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
)

INGRESS_BACKEND_CHOSEN = Reason(
    code="INGRESS_BACKEND_CHOSEN",
    title="The controller opens a connection of its own to a pod",
    meaning=(
        "Here the client's connection ends, and a second one begins: from the controller's pod to an endpoint of the "
        "backend Service. Most controllers take the pods' addresses from the EndpointSlices, so that ClusterIP, "
        "kube-proxy, sessionAffinity and internalTrafficPolicy play no part. The pod sees the controller's address; "
        "that of the client stands in the header X-Forwarded-For."
    ),
    look=(
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=SERVICE",
        "kubectl -n INGRESS_NAMESPACE get pods -o wide",
        "kubectl -n NAMESPACE logs POD --tail=20",
    ),
    causes=("The rule's Service has ready endpoints at the port that the backend names.",),
    repair="Allow the controller's namespace, not the client, in the NetworkPolicies of the backend's pods.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/",
)

INGRESS_RETRIED = Reason(
    code="INGRESS_RETRIED",
    title="The controller tries another endpoint",
    meaning=(
        "The endpoint that was tried first refused the connection or did not answer, and the controller goes on to "
        "the next: ingress-nginx makes up to three tries after errors and timeouts. So one bad pod among good ones "
        "costs time but no error, while kube-proxy, which works on packets, would let one connection in n fail."
    ),
    look=(
        "kubectl -n INGRESS_NAMESPACE logs deploy/CONTROLLER",
        "kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=SERVICE",
    ),
    causes=(
        "One pod passes its readiness probe and still does not listen on the port.",
        "A policy, or the network, keeps the controller from some of the pods.",
    ),
    repair="Find the endpoint that fails and mend it, or its readiness probe: clients inside the cluster hit it too.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/",
)

TLS_TERMINATED = Reason(
    code="TLS_TERMINATED",
    title="TLS ends at the controller",
    meaning=(
        "The controller has a certificate for the server name that the client sent, from the Secret in spec.tls, and "
        "completes the handshake. From there to the pod the request goes as plain HTTP, unless the controller is told "
        "otherwise, so pods need no certificate, and whoever may listen between controller and pod can read it."
    ),
    look=(
        "openssl s_client -connect ADDRESS:443 -servername HOST",
        "kubectl -n NAMESPACE get ingress NAME -o jsonpath='{.spec.tls}'",
        "kubectl -n NAMESPACE get secret SECRET",
    ),
    causes=("https:// was asked of a host for which an Ingress names a TLS Secret.",),
    repair="Where the last stretch must be encrypted too, use the controller's setting for HTTPS backends, or a mesh.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
)
