"""``--dry-run=client -o yaml`` prints what kubectl 1.32 prints."""

from __future__ import annotations

from textwrap import dedent

import pytest

from kcnet.lab.session import Session

CASES = {
    "create deployment web --image=nginx:1.27 --replicas=3 --port=80": """\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          creationTimestamp: null
          labels:
            app: web
          name: web
        spec:
          replicas: 3
          selector:
            matchLabels:
              app: web
          strategy: {}
          template:
            metadata:
              creationTimestamp: null
              labels:
                app: web
            spec:
              containers:
              - image: nginx:1.27
                name: nginx
                ports:
                - containerPort: 80
                resources: {}
        status: {}
        """,
    "create service clusterip web --tcp=80:8080 --tcp=443": """\
        apiVersion: v1
        kind: Service
        metadata:
          creationTimestamp: null
          labels:
            app: web
          name: web
        spec:
          ports:
          - name: 80-8080
            port: 80
            protocol: TCP
            targetPort: 8080
          - name: "443"
            port: 443
            protocol: TCP
            targetPort: 443
          selector:
            app: web
          type: ClusterIP
        status:
          loadBalancer: {}
        """,
    "create service clusterip web --clusterip=None": """\
        apiVersion: v1
        kind: Service
        metadata:
          creationTimestamp: null
          labels:
            app: web
          name: web
        spec:
          clusterIP: None
          selector:
            app: web
          type: ClusterIP
        status:
          loadBalancer: {}
        """,
    "create service nodeport web --tcp=80 --node-port=31999": """\
        apiVersion: v1
        kind: Service
        metadata:
          creationTimestamp: null
          labels:
            app: web
          name: web
        spec:
          ports:
          - name: "80"
            nodePort: 31999
            port: 80
            protocol: TCP
            targetPort: 80
          selector:
            app: web
          type: NodePort
        status:
          loadBalancer: {}
        """,
    "create service externalname web --external-name=a.b.c": """\
        apiVersion: v1
        kind: Service
        metadata:
          creationTimestamp: null
          labels:
            app: web
          name: web
        spec:
          externalName: a.b.c
          selector:
            app: web
          type: ExternalName
        status:
          loadBalancer: {}
        """,
    "create ingress i --class=nginx --rule=foo.com/path*=svc:8080,tls=my-cert --rule=/x=s2:http --default-backend=d:80 --annotation=a/b=c": """\
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          annotations:
            a/b: c
          creationTimestamp: null
          name: i
        spec:
          defaultBackend:
            service:
              name: d
              port:
                number: 80
          ingressClassName: nginx
          rules:
          - host: foo.com
            http:
              paths:
              - backend:
                  service:
                    name: svc
                    port:
                      number: 8080
                path: /path
                pathType: Prefix
          - http:
              paths:
              - backend:
                  service:
                    name: s2
                    port:
                      name: http
                path: /x
                pathType: Exact
          tls:
          - hosts:
            - foo.com
            secretName: my-cert
        status:
          loadBalancer: {}
        """,
    "create namespace ns": """\
        apiVersion: v1
        kind: Namespace
        metadata:
          creationTimestamp: null
          name: ns
        spec: {}
        status: {}
        """,
    "create configmap c --from-literal=a=b --from-literal=x=1": """\
        apiVersion: v1
        data:
          a: b
          x: "1"
        kind: ConfigMap
        metadata:
          creationTimestamp: null
          name: c
        """,
    "create secret generic s --from-literal=a=b": """\
        apiVersion: v1
        data:
          a: Yg==
        kind: Secret
        metadata:
          creationTimestamp: null
          name: s
        """,
    "create job j --image=busybox -- date": """\
        apiVersion: batch/v1
        kind: Job
        metadata:
          creationTimestamp: null
          name: j
        spec:
          template:
            metadata:
              creationTimestamp: null
            spec:
              containers:
              - command:
                - date
                image: busybox
                name: j
                resources: {}
              restartPolicy: Never
        status: {}
        """,
    "create serviceaccount x -n shop": """\
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          creationTimestamp: null
          name: x
          namespace: shop
        """,
    "run nginx --image=nginx --port=80 --labels=a=b,c=d --env=X=1 --restart=Never --command -- sleep 10": """\
        apiVersion: v1
        kind: Pod
        metadata:
          creationTimestamp: null
          labels:
            a: b
            c: d
          name: nginx
        spec:
          containers:
          - command:
            - sleep
            - "10"
            env:
            - name: X
              value: "1"
            image: nginx
            name: nginx
            ports:
            - containerPort: 80
            resources: {}
          dnsPolicy: ClusterFirst
          restartPolicy: Never
        status: {}
        """,
}


@pytest.mark.parametrize("command", CASES)
def test_generated_objects(shop: Session, command: str) -> None:
    before, dashes, behind = command.partition(" -- ")
    outcome = shop.run(f"kubectl {before} --dry-run=client -o yaml{dashes}{behind}")
    assert (outcome.stdout, outcome.stderr, outcome.status) == (dedent(CASES[command]), "", 0)


@pytest.mark.parametrize("command", CASES)
def test_what_is_generated_can_be_applied(shop: Session, command: str) -> None:
    before, dashes, behind = command.partition(" -- ")
    outcome = shop.run(f"kubectl {before} --dry-run=client -o yaml{dashes}{behind} | kubectl apply -f -")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert outcome.stdout.endswith(" created\n")


FAULTS = [
    ("create deployment a b --image=x", "error: exactly one NAME is required, got 2"),
    ("create deployment", 'error: required flag(s) "image" not set'),
    (
        "create deployment web --image=a --image=b -- sleep 1",
        "error: cannot specify multiple --image options and command",
    ),
    ("create foo", "error: Unexpected args: [foo]"),
    ("create", "error: must specify one of -f and -k"),
    ("create namespace", "error: exactly one NAME is required, got 0"),
    ("create service clusterip x", "error: at least one tcp port specifier must be provided"),
    ("create service nodeport x --tcp=abc", 'error: strconv.ParseUint: parsing "abc": invalid syntax'),
    ("create service nodeport x --tcp=80:99999999", "error: must be between 1 and 65535, inclusive"),
    (
        "create ingress x",
        "error: not enough information provided: every ingress has to either specify a default-backend",
    ),
    (
        "create ingress x --rule=foo",
        "error: rule foo is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]",
    ),
    (
        "create deployment x --image=y --dry-run=foo",
        'error: Invalid dry-run value (foo). Must be "none", "server", or "client".',
    ),
    ("run", 'error: required flag(s) "image" not set'),
    ("run web --image=nginx --rm", "error: --rm should only be used for attached containers"),
    ("run web --image=nginx --expose", "error: --port must be set when exposing a service"),
    ("run web --image=nginx --restart=Sometimes", "error: invalid restart policy: Sometimes"),
]


@pytest.mark.parametrize(("command", "error"), FAULTS, ids=[row[0] for row in FAULTS])
def test_mistakes(shop: Session, command: str, error: str) -> None:
    outcome = shop.run(f"kubectl {command}")
    assert outcome.status == 1
    assert outcome.stdout == ""
    assert outcome.stderr.startswith(error)
