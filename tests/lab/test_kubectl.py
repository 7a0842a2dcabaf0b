"""What kubectl's verbs print, and with which status they end: the words are those of kubectl 1.34 and later."""

from __future__ import annotations

import pytest

from kcnet.lab.machine import Read, Wrote
from kcnet.lab.session import Session

EXACT = [
    # get
    ("get pods", "", "No resources found in default namespace.\n", 0),
    ("get pods -n nosuch", "", "No resources found in nosuch namespace.\n", 0),
    ("get ingress -A -l a=b", "", "No resources found\n", 0),
    ("get namespaces -l a=b", "", "No resources found\n", 0),
    ("get pod web", "", 'Error from server (NotFound): pods "web" not found\n', 1),
    ("get pod web --ignore-not-found", "", "", 0),
    ("get deploy web", "", 'Error from server (NotFound): deployments.apps "web" not found\n', 1),
    ("get pod debug web -n shop -o name", "pod/debug\n", 'Error from server (NotFound): pods "web" not found\n', 1),
    ("get pod/debug svc/cart -n shop -o name", "pod/debug\nservice/cart\n", "", 0),
    ("-n shop get pod debug -o name", "pod/debug\n", "", 0),
    ("get -nshop pod debug -oname", "pod/debug\n", "", 0),
    ("get po debug --namespace=shop --output=name", "pod/debug\n", "", 0),
    ("get pod debug -n shop -o jsonpath={.metadata.labels.app}", "debug", "", 0),
    ("get svc cart -n shop --no-headers -o custom-columns=A:.spec.ports[0].port", "80\n", "", 0),
    ("get nodes -o name", "node/node-1\nnode/node-2\n", "", 0),
    ("get pods web -l a=b", "", "error: name cannot be provided when a selector is specified\n", 1),
    ("get pod debug -A", "", "error: a resource cannot be retrieved by name across all namespaces\n", 1),
    ("get pods,nosuch", "", 'error: the server doesn\'t have a resource type "nosuch"\n', 1),
    # describe
    ("describe pods", "", "No resources found in default namespace.\n", 0),
    ("describe pod web", "", 'Error from server (NotFound): pods "web" not found\n', 1),
    # writes
    ("create namespace team-b", "namespace/team-b created\n", "", 0),
    ("create namespace shop", "", 'Error from server (AlreadyExists): namespaces "shop" already exists\n', 1),
    ("create deployment web --image=nginx", "deployment.apps/web created\n", "", 0),
    ("create deployment web --image=nginx --dry-run=client", "deployment.apps/web created (dry run)\n", "", 0),
    ("create deployment web --image=nginx --dry-run=server", "deployment.apps/web created (server dry run)\n", "", 0),
    ("create deployment web --image=nginx -o name", "deployment.apps/web\n", "", 0),
    ("run web --image=nginx", "pod/web created\n", "", 0),
    ("run web --image=nginx --port=80 --expose", "service/web created\npod/web created\n", "", 0),
    ("expose deploy cart -n shop --port=81 --name=c2", "service/c2 exposed\n", "", 0),
    ("expose pod nosuch --port=80", "", 'Error from server (NotFound): pods "nosuch" not found\n', 1),
    ("scale deploy cart -n shop --replicas=3", "deployment.apps/cart scaled\n", "", 0),
    ("scale deploy/cart deploy/catalog -n shop --replicas=1", "deployment.apps/cart scaled\ndeployment.apps/catalog scaled\n", "", 0),
    ("scale deploy cart -n shop --replicas=3 --current-replicas=7", "", "error: Expected replicas to be 7, was 2\n", 1),
    ("scale deploy cart -n shop", "", 'error: required flag(s) "replicas" not set\n', 1),
    ("label pod debug -n shop tier=front", "pod/debug labeled\n", "", 0),
    ("label pod debug -n shop app=other", "", "error: 'app' already has a value (debug), and --overwrite is false\n", 1),
    ("label pod debug -n shop app=other --overwrite", "pod/debug labeled\n", "", 0),
    ("label pod debug -n shop app-", "pod/debug unlabeled\n", "", 0),
    ("label pod debug -n shop nosuch-", 'label "nosuch" not found.\npod/debug not labeled\n', "", 0),
    ("annotate svc cart -n shop a=b", "service/cart annotated\n", "", 0),
    ("set image deploy/cart -n shop nginx=nginx:1.28", "deployment.apps/cart image updated\n", "", 0),
    ("set image deploy/cart -n shop nosuch=nginx", "", 'error: unable to find container named "nosuch"\n', 1),
    ("set selector svc cart -n shop app=web", "service/cart selector updated\n", "", 0),
    ("set env deploy/cart -n shop A=b", "deployment.apps/cart env updated\n", "", 0),
    ("patch svc cart -n shop -p '{\"spec\":{\"type\":\"NodePort\"}}'", "service/cart patched\n", "", 0),
    ("patch svc cart -n shop -p '{\"spec\":{\"type\":\"ClusterIP\"}}'", "service/cart patched (no change)\n", "", 0),
    ("patch svc cart -n shop --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/ports/0/port\",\"value\":81}]'", "service/cart patched\n", "", 0),
    ("patch svc cart -n shop -p 'spec: {type: NodePort}'", "service/cart patched\n", "", 0),
    ("patch svc cart", "", "error: must specify --patch or --patch-file containing the contents of the patch\n", 1),
    ("delete pod debug -n shop", 'pod "debug" deleted from shop namespace\n', "", 0),
    ("delete ns payments", 'namespace "payments" deleted\n', "", 0),
    ("delete svc/cart deploy/cart -n shop", 'service "cart" deleted from shop namespace\ndeployment.apps "cart" deleted from shop namespace\n', "", 0),
    ("delete pod nosuch", "", 'Error from server (NotFound): pods "nosuch" not found\n', 1),
    ("delete pods", "", "error: resource(s) were provided, but no name was specified\n", 1),
    ("delete pods --all", "No resources found\n", "", 0),
    ("delete pods -l a=b -n shop", "No resources found\n", "", 0),
    # what can be waited for is there at once
    ("rollout status deploy/cart -n shop", 'deployment "cart" successfully rolled out\n', "", 0),
    ("rollout status ds/kube-proxy -n kube-system", 'daemon set "kube-proxy" successfully rolled out\n', "", 0),
    ("rollout restart deploy/cart -n shop", "deployment.apps/cart restarted\n", "", 0),
    ("rollout undo deploy/cart -n shop", "", 'error: no rollout history found for deployment "cart"\n', 1),
    ("wait --for=condition=Ready pod/debug -n shop", "pod/debug condition met\n", "", 0),
    ("wait --for=jsonpath='{.status.phase}'=Running pod/debug -n shop", "pod/debug condition met\n", "", 0),
    ("wait --for=delete pod/nosuch", "", "", 0),
    ("wait --for=condition=Nonsense pod/debug -n shop", "", "error: timed out waiting for the condition on pods/debug\n", 1),
    ("cordon node-1", "node/node-1 cordoned\n", "", 0),
    ("uncordon node-1", "node/node-1 already uncordoned\n", "", 0),
    # config
    ("config current-context", "kcnet-shop\n", "", 0),
    ("config set-context --current --namespace=shop", 'Context "kcnet-shop" modified.\n', "", 0),
    # exec, logs
    ("exec nosuch -- ls", "", 'Error from server (NotFound): pods "nosuch" not found\n', 1),
    ("exec debug -n shop", "", "error: you must specify at least one command for the container\n", 1),
    ("exec debug -n shop -- false", "", "command terminated with exit code 1\n", 1),
    ("exec debug -n shop -- sh -c 'exit 7'", "", "command terminated with exit code 7\n", 7),
    ("exec debug -n shop -- echo hi", "hi\n", "", 0),
    ("exec deploy/cart -n shop -- echo hi", "hi\n", 'Defaulted container "nginx" out of: nginx, cache\n', 0),
    ("exec deploy/cart -n shop -c cache -- echo hi", "hi\n", "", 0),
    ("logs nosuch", "", 'error: error from server (NotFound): pods "nosuch" not found in namespace "default"\n', 1),
    ("set image svc/cart -n shop a=b", "", "error: services/cart the object is not a pod or does not have a pod template: *v1.Service\n", 1),
    ("set env deploy/cart -n shop --list", "# Deployment cart, container nginx\n# Deployment cart, container cache\n", "", 0),
    ("scale deploy nosuch --replicas=1", "", 'error: no objects passed to scale deployments.apps "nosuch" not found\n', 1),
    ("rollout restart pod/debug -n shop", "", 'error: pods "debug" restarting is not supported\n', 1),
    ("rollout status sts/catalog-db -n shop", "partitioned roll out complete: 2 new pods have been updated...\n", "", 0),
    ("get pod/x/y", "", "error: arguments in resource/name form may not have more than one slash\n", 1),
    ("delete pod --all x", "", "error: name cannot be provided when a selector is specified\n", 1),
    ("expose deploy/cart -n shop --name=cart-2 --port=80 --selector=app=cart,tier=x", "service/cart-2 exposed\n", "", 0),
    ("-n prod create service clusterip y --tcp=80", "service/y created\n", "", 0),
    ("-n shop rollout status sts/catalog-db", "partitioned roll out complete: 2 new pods have been updated...\n", "", 0),
    ("create service nodeport x --tcp=80 --node-port=31080", "", 'error: failed to create NodePort service: Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 31080: provided port is already allocated\n', 1),
    ("explain nosuch", "", 'the server doesn\'t have a resource type "nosuch"\n', 1),
    ("logs debug -n shop --previous", "", 'Error from server (BadRequest): previous terminated container "curl" in pod "debug" not found\n', 1),
    ("port-forward svc/nosuch 8080:80", "", 'Error from server (NotFound): services "nosuch" not found\n', 1),
    ("port-forward svc/cart 8080:81 -n shop", "", "error: Service cart does not have a service port 81\n", 1),
    ("apply -f nosuch.yaml", "", 'error: the path "nosuch.yaml" does not exist\n', 1),
    ("apply", "", "error: must specify one of -f and -k\n", 1),
    ("version --client", "Client Version: v1.36.2\n", "", 0),
]  # fmt: skip


@pytest.mark.parametrize(("command", "stdout", "stderr", "status"), EXACT, ids=[row[0] for row in EXACT])
def test_answers(shop: Session, command: str, stdout: str, stderr: str, status: int) -> None:
    outcome = shop.run(f"kubectl {command}")
    told = "".join(line for line in outcome.stderr.splitlines(keepends=True) if not line.startswith("(lab) "))
    assert (outcome.stdout, told, outcome.status) == (stdout, stderr, status)


USAGE = [
    ("get pods --foo", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n"),
    ("get pods -z", "error: unknown shorthand flag: 'z' in -z\nSee 'kubectl get --help' for usage.\n"),
    ("get -n", "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage.\n"),
    ("get --namespace", "error: flag needs an argument: --namespace\nSee 'kubectl get --help' for usage.\n"),
    ("scale x --replicas=abc", 'error: invalid argument "abc" for "--replicas" flag: strconv.ParseInt: parsing "abc": invalid syntax\nSee \'kubectl scale --help\' for usage.\n'),
    ("get pods --all-namespaces=maybe", 'error: invalid argument "maybe" for "-A, --all-namespaces" flag: strconv.ParseBool: parsing "maybe": invalid syntax\nSee \'kubectl get --help\' for usage.\n'),
    ("gett pods", 'error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tget\n\n'),
    ("exec debug ls", "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples\n"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "stderr"), USAGE, ids=[row[0] for row in USAGE])
def test_mistakes_on_the_command_line(shop: Session, command: str, stderr: str) -> None:
    outcome = shop.run(f"kubectl {command}")
    assert (outcome.status, outcome.stdout) == (1, "")
    assert outcome.stderr.startswith(stderr)


def test_a_kind_that_is_written_twice_is_listed_once(shop: Session) -> None:
    def listed(word: str) -> int:
        return len(shop.run(f"kubectl get {word} -o name").stdout.split())

    assert listed("nodes,nodes") == listed("nodes") > 0
    assert listed("nodes,no") == 2 * listed("nodes")


def test_a_near_flag_is_named(shop: Session) -> None:
    assert "Did you mean --selector?" in shop.run("kubectl get pods --selektor=a").stderr


def test_a_flag_that_exists_and_is_not_simulated_is_refused(shop: Session) -> None:
    outcome = shop.run("kubectl get pods --as=alice")
    assert (outcome.status, outcome.stdout) == (1, "")
    assert "does not simulate" in outcome.stderr


@pytest.mark.parametrize("verb", ["top pods", "auth can-i get pods", "debug web", "cp a b", "proxy", "attach web"])
def test_verbs_that_are_left_out_say_so(shop: Session, verb: str) -> None:
    outcome = shop.run(f"kubectl {verb}")
    assert (outcome.status, outcome.stdout) == (1, "")
    assert "does not simulate" in outcome.stderr


def test_every_verb_has_help(shop: Session) -> None:
    from kcnet.lab.kubectl.verbs import VERBS

    for name, entry in VERBS.items():
        page = shop.run(f"kubectl {name} --help")
        assert page.status == 0
        assert entry.about in page.stdout
        assert max(map(len, page.stdout.splitlines())) <= 110


# What a real cluster does next.


def test_pods_of_a_deployment_appear_at_once(shop: Session) -> None:
    shop.run("kubectl create deployment web --image=nginx --replicas=2")
    assert shop.run("kubectl get pods -l app=web --no-headers | wc -l").stdout == "2\n"
    assert shop.run("kubectl get deploy web --no-headers").stdout.split()[:4] == ["web", "2/2", "2", "2"]


def test_endpoints_follow_readiness(shop: Session) -> None:
    ready = "kubectl get endpointslices -n shop -l kubernetes.io/service-name=cart -o jsonpath='{.items[*].endpoints[?(@.conditions.ready==true)].targetRef.name}' | wc -w"
    assert shop.run(ready).stdout == "2\n"
    assert shop.run("fail deploy/cart -n shop").status == 0
    assert shop.run(ready).stdout == "1\n"
    assert shop.run("recover deploy/cart -n shop").status == 0
    assert shop.run(ready).stdout == "2\n"


def test_a_crashing_container_is_seen(shop: Session) -> None:
    shop.run("fail debug crash -n shop")
    assert "CrashLoopBackOff" in shop.run("kubectl get pod debug -n shop").stdout
    assert shop.run("kubectl exec debug -n shop -- echo hi").status == 1


def test_an_image_that_cannot_be_pulled_is_seen(shop: Session) -> None:
    shop.run("fail debug image -n shop")
    assert "ImagePullBackOff" in shop.run("kubectl get pod debug -n shop").stdout


def test_a_rollout_and_the_way_back(shop: Session) -> None:
    shop.run("kubectl create deployment web --image=nginx:1.27")
    shop.run("kubectl set image deploy/web nginx=nginx:1.28")
    assert (
        shop.run("kubectl rollout history deploy/web").stdout
        == "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n"
    )
    assert shop.run("kubectl rollout undo deploy/web").stdout == "deployment.apps/web rolled back\n"
    assert (
        shop.run("kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'").stdout
        == "nginx:1.27"
    )


def test_draining_a_node_asks_for_what_kubectl_asks_for(shop: Session) -> None:
    refused = shop.run("kubectl drain node-1")
    assert refused.status == 1
    assert "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)" in refused.stderr
    done = shop.run("kubectl drain node-1 --ignore-daemonsets --force")
    assert done.status == 0
    assert done.stdout.startswith("node/node-1 already cordoned\nevicting pod ")
    assert done.stdout.endswith("node/node-1 drained\n")
    left = shop.run(
        "kubectl get pods -A -o custom-columns=N:.metadata.name,H:.spec.nodeName --no-headers | grep node-1"
    ).stdout
    assert all(line.startswith("kube-proxy-") for line in left.splitlines())


APPLIED = "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {a: b}}\nspec: {selector: {app: web}, ports: [{port: 80}]}"


def test_apply_three_times(shop: Session) -> None:
    def apply(text: str) -> str:
        return shop.run(f"kubectl apply -f - <<'EOF'\n{text}\nEOF").stdout

    assert apply(APPLIED) == "service/web created\n"
    assert apply(APPLIED) == "service/web unchanged\n"
    shop.run("kubectl label svc web c=d")
    assert apply(APPLIED.replace("{a: b}", "{e: f}")) == "service/web configured\n"
    assert shop.run("kubectl get svc web -o jsonpath='{.metadata.labels}'").stdout == '{"c":"d","e":"f"}'


def test_files_of_the_scenario_count_as_applied(shop: Session) -> None:
    from kcnet.resources import demo

    outcome = shop.run(f"kubectl apply -f {demo()}/cart.yaml")
    assert outcome.stdout == "deployment.apps/cart unchanged\nservice/cart unchanged\n"


def test_what_the_api_server_refuses_is_told_in_its_words(shop: Session) -> None:
    outcome = shop.run(f"kubectl apply -f - <<'EOF'\n{APPLIED.replace('80', '99999')}\nEOF")
    assert outcome.status == 1
    assert outcome.stderr.startswith('The Service "web" is invalid: ')
    assert "must be between 1 and 65535, inclusive" in outcome.stderr
    unknown = shop.run(f"kubectl apply -f - <<'EOF'\n{APPLIED.replace('selector', 'selektor')}\nEOF")
    assert unknown.stderr.startswith(
        'Error from server (BadRequest): error when creating "STDIN": Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.selektor"'
    )


def test_one_bad_object_does_not_keep_the_others_out(shop: Session) -> None:
    outcome = shop.run(
        f"kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: Nonsense\nmetadata: {{name: x}}\n---\n{APPLIED}\nEOF"
    )
    assert (outcome.stdout, outcome.status) == ("service/web created\n", 1)
    assert 'no matches for kind "Nonsense" in version "v1"' in outcome.stderr


@pytest.mark.parametrize("text", ["a: b: c", "{", "- a", "just text", "", "kind: Pod", "apiVersion: v1\nkind: Pod"])
def test_what_is_no_manifest_is_told(shop: Session, text: str) -> None:
    outcome = shop.run(f"kubectl apply -f - <<'EOF'\n{text}\nEOF")
    assert (outcome.stdout, outcome.status) == ("", 1)
    assert outcome.stderr.startswith("error: ")


def test_edit(shop: Session) -> None:
    assert "EDITOR" in shop.run("kubectl edit svc cart -n shop").stderr
    shop.editor = lambda name, text: text
    assert shop.run("kubectl edit svc cart -n shop").stdout == "Edit cancelled, no changes made.\n"
    shop.editor = lambda name, text: text.replace("app: cart", "app: web")
    assert shop.run("kubectl edit svc cart -n shop").stdout == "service/cart edited\n"
    assert shop.run("kubectl get svc cart -n shop -o jsonpath={.spec.selector.app}").stdout == "web"
    shop.editor = lambda name, text: text.replace("port: 80", "port: 99999")
    assert "is invalid" in shop.run("kubectl edit svc cart -n shop").stderr
    shop.editor = lambda name, text: ""
    assert shop.run("kubectl edit svc cart -n shop").stdout == "Edit cancelled, saved file was empty.\n"


def test_a_program_that_the_image_lacks(shop: Session) -> None:
    outcome = shop.run("kubectl exec debug -n shop -- nosuch")
    assert outcome.status == 1
    assert 'exec: "nosuch": executable file not found in $PATH: unknown' in outcome.stderr
    inside = shop.run("kubectl exec debug -n shop -- sh -c nosuch")
    assert (inside.status, inside.stderr.splitlines()[0]) == (127, "sh: nosuch: not found")


def test_a_shell_in_a_pod_takes_the_lines_that_follow(shop: Session) -> None:
    assert shop.run("kubectl exec -it debug -n shop -- sh").status == 0
    assert shop.prompt == "debug:/# "
    assert shop.run("echo inside; A=b").stdout == "inside\n"
    assert shop.run("echo $A").stdout == "b\n"
    assert shop.run("kubectl get pods").status == 127
    shop.run("exit")
    assert shop.prompt == "shop [default] $ "
    assert not shop.ended


def test_a_pod_for_one_shell_goes_with_it(shop: Session) -> None:
    shop.run("kubectl run tmp --rm -it --image=busybox -- sh")
    assert shop.prompt == "tmp:/# "
    assert shop.run("exit").stdout == 'pod "tmp" deleted from default namespace\n'
    assert shop.run("kubectl get pod tmp").status == 1


def test_a_pod_for_one_command(shop: Session) -> None:
    outcome = shop.run("kubectl run tmp --rm -it --image=busybox --restart=Never -- echo hello")
    assert (outcome.stdout, outcome.status) == ('hello\npod "tmp" deleted from default namespace\n', 0)
    failing = shop.run("kubectl run tmp --rm -it --image=busybox --restart=Never -- sh -c 'exit 3'")
    assert (failing.stdout, failing.status) == ('pod "tmp" deleted from default namespace\n', 3)
    assert "pod default/tmp terminated (Error)" in failing.stderr


def test_a_pod_whose_command_ends_is_completed(shop: Session) -> None:
    shop.run("kubectl run once --image=busybox --restart=Never -- echo hello")
    assert "Completed" in shop.run("kubectl get pod once").stdout
    assert shop.run("kubectl logs once").stdout == "hello\n"


def test_what_was_done_is_on_record(shop: Session) -> None:
    assert shop.run("kubectl get svc cart -n shop").effects == (Read("get", "services", "shop", ("cart",)),)
    assert shop.run("kubectl get pods -A").effects == (Read("get", "pods", None, ()),)
    assert shop.run("kubectl describe node node-1").effects == (Read("describe", "nodes", None, ("node-1",)),)
    assert shop.run("kubectl delete pod debug -n shop").effects == (Wrote("delete", "pods", "shop", "debug"),)
    assert shop.run("kubectl create ns x").effects == (Wrote("create", "namespaces", None, "x"),)
    assert shop.run("kubectl create ns y --dry-run=client").effects == ()
