"""The commands of beginners' articles about Services, as they are typed there."""

from __future__ import annotations

import pytest

from kcnet.lab.running import tools
from kcnet.lab.session import Session

pytestmark = pytest.mark.skipif(not tools(), reason="this checkout has no tools yet")
WELCOME = "<h1>Welcome to nginx!</h1>"

NODE_PORT = """\
cat <<'EOF' | kubectl apply -f -
apiVersion: v1
kind: Service
metadata:
  name: nginx-nodeport
spec:
  type: NodePort
  selector:
    run: nginx
  ports:
    - port: 80
      targetPort: 80
      nodePort: 32000
EOF"""


@pytest.fixture
def nginx(shop: Session) -> Session:
    assert (
        shop.run("kubectl run nginx --image=nginx --restart=Never --port=80 --expose").stdout
        == "service/nginx created\npod/nginx created\n"
    )
    return shop


def test_a_pod_and_its_service(nginx: Session) -> None:
    lines = nginx.run("kubectl get svc nginx").stdout.splitlines()
    assert lines[0].split() == ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    name, kind, address, external, ports, _ = lines[1].split()
    assert (name, kind, external, ports) == ("nginx", "ClusterIP", "<none>", "80/TCP")
    assert address.startswith("10.96.")


def test_a_throwaway_pod_asks_the_service(nginx: Session) -> None:
    outcome = nginx.run("kubectl run busybox --rm --image=busybox -it --restart=Never -- wget -O- nginx:80")
    assert outcome.status == 0
    assert WELCOME in outcome.stdout
    assert 'pod "busybox" deleted' in outcome.stdout
    assert nginx.run("kubectl get pod busybox").status == 1


def test_a_node_port_is_reached_from_outside(nginx: Session) -> None:
    assert nginx.run(NODE_PORT).stdout == "service/nginx-nodeport created\n"
    node = nginx.run(
        "kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type==\"InternalIP\")].address}'"
    ).stdout
    outcome = nginx.run(f"curl {node}:32000")
    assert (outcome.status, WELCOME in outcome.stdout) == (0, True)
    assert WELCOME in nginx.run("curl -s $(minikube service nginx-nodeport --url)").stdout


def test_the_pod_sees_who_asked(nginx: Session) -> None:
    nginx.run(NODE_PORT)
    nginx.run("kubectl exec debug -n shop -- true")
    nginx.run("curl -s $(minikube ip):32000")
    lines = nginx.run("kubectl logs nginx").stdout.splitlines()
    assert len(lines) == 1
    assert '"GET / HTTP/1.1" 200 615 "-" "curl/' in lines[0]
    assert not lines[0].startswith("198.51.100.7")  # externalTrafficPolicy Cluster: masqueraded
    nginx.run('kubectl patch svc nginx-nodeport -p \'{"spec":{"externalTrafficPolicy":"Local"}}\'')
    home = nginx.run("kubectl get pod nginx -o jsonpath='{.status.hostIP}'").stdout
    nginx.run(f"curl -s {home}:32000")
    assert nginx.run("kubectl logs nginx --tail=1").stdout.startswith("198.51.100.7 ")


def test_an_ingress_and_an_entry_in_hosts(nginx: Session) -> None:
    nginx.run('kubectl create ingress web --class=nginx --rule="web.example.org/*=nginx:80"')
    nginx.run('echo "203.0.113.1 web.example.org" | sudo tee -a /etc/hosts')
    outcome = nginx.run("curl http://web.example.org/")
    assert (outcome.status, WELCOME in outcome.stdout) == (0, True)


def test_pods_look_each_other_up(nginx: Session) -> None:
    outcome = nginx.run(
        "kubectl run tmp --rm -it --image=busybox --restart=Never -- nslookup nginx.default.svc.cluster.local"
    )
    address = nginx.run("kubectl get svc nginx -o jsonpath='{.spec.clusterIP}'").stdout
    assert outcome.status == 0
    assert address in outcome.stdout


def test_exec_and_logs(nginx: Session) -> None:
    assert WELCOME in nginx.run("kubectl exec nginx -- curl -s localhost").stdout
    assert nginx.run("kubectl exec -it nginx -- sh -c 'curl -s localhost | grep -c nginx'").status == 0
    assert nginx.run("kubectl exec -it nginx -- bash").status == 0
    assert WELCOME in nginx.run("curl -s localhost").stdout
    nginx.run("exit")
    assert len(nginx.run("kubectl logs nginx").stdout.splitlines()) == 3


def test_a_tunnel_into_one_pod(nginx: Session) -> None:
    outcome = nginx.run("kubectl port-forward pod/nginx 8080:80")
    assert outcome.stdout == "Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\n"
    assert WELCOME in nginx.run("curl -s localhost:8080").stdout
    assert nginx.run("kubectl logs nginx").stdout.startswith("127.0.0.1 ")
    nginx.run("kubectl port-forward pod/nginx 8081:81")
    assert nginx.run("curl localhost:8081").status == 52


def test_a_tunnel_passes_by_every_policy(shop: Session) -> None:
    shop.run("kubectl port-forward deploy/frontend 8080:8080 -n shop")
    assert shop.run("curl -s http://localhost:8080/").status == 0


def test_a_service_that_selects_nobody(nginx: Session) -> None:
    nginx.run("kubectl set selector svc nginx run=nobody")
    outcome = nginx.run("kubectl run tmp --rm -it --image=busybox --restart=Never -- wget -qO- -T 2 nginx")
    assert outcome.status == 1
    assert "refused" in outcome.stderr + outcome.stdout
    assert "run=nobody" in nginx.run("why").stdout


def test_the_services_of_a_namespace(nginx: Session) -> None:
    assert (
        nginx.run("kubectl get svc -n react-django-app").stderr == "No resources found in react-django-app namespace.\n"
    )


def test_load_is_shared(shop: Session) -> None:
    shop.run("kubectl create deployment web --image=nginx --replicas=2 && kubectl expose deploy web --port=80")
    shop.run(
        "kubectl run tmp -it --rm --restart=Never --image=busybox -- sh -c 'for i in {1..20}; do wget -qO- web; done'"
    )
    counts = [
        int(line)
        for line in shop.run(
            "for p in $(kubectl get pods -l app=web -o name); do kubectl logs $p | wc -l; done"
        ).stdout.split()
    ]
    assert sum(counts) == 20
    assert min(counts) > 0


def test_the_log_counts_what_was_sent(nginx: Session) -> None:
    nginx.run(NODE_PORT)
    nginx.run("kubectl annotate pod nginx kcnet/answers='hello there'")
    assert nginx.run("curl -s $(minikube ip):32000").stdout == "hello there\n"
    nginx.run("curl -sI $(minikube ip):32000")
    sizes = [line.split()[8:10] for line in nginx.run("kubectl logs nginx").stdout.splitlines()]
    assert sizes == [["200", "12"], ["200", "0"]]
