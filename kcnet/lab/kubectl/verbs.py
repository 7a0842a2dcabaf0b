"""The verbs of kubectl that the lab has: where each is, which flags it takes, and a few words about it."""

from __future__ import annotations

from typing import Final

from kcnet.lab.kubectl.args import DRY_RUN, ENDING, FILES, OUTPUT, VALIDATE, WRITING
from kcnet.lab.kubectl.command import Entry

SELECT = "selector,l=str"
CREATE = f"{WRITING} {VALIDATE} ~save-config=bool"
MANY = f"{FILES} {SELECT} all=bool"
CLIENT = "~chunk-size=int"

VERBS: Final[dict[str, Entry]] = {
    "get": Entry(
        "get",
        f"{FILES} {OUTPUT} {SELECT} {CLIENT} all-namespaces,A=bool field-selector=str ignore-not-found=bool "
        "label-columns,L=list no-headers=bool show-kind=bool show-labels=bool sort-by=str watch,w=bool watch-only=bool "
        "!output-watch-events=bool !raw=str ~server-print=bool !subresource=str",
        "Lists objects, or shows them in another form.",
        "kubectl get RESOURCE [NAME...] [-n NAMESPACE | -A] [-l SELECTOR] [-o FORM]",
        ("kubectl get pods -o wide", "kubectl get svc,ep -n shop", "kubectl get svc cart -o yaml",
         "kubectl get pods -l app=cart -o jsonpath='{.items[*].status.podIP}'"),
    ),
    "describe": Entry(
        "describe_verb",
        f"{FILES} {SELECT} {CLIENT} all-namespaces,A=bool show-events=bool",
        "Shows an object, what belongs to it, and its events.",
        "kubectl describe RESOURCE [NAME]",
        ("kubectl describe svc cart", "kubectl describe pod/web"),
    ),
    "apply": Entry(
        "apply",
        f"{FILES} {WRITING} {VALIDATE} {ENDING} {SELECT} !all=bool !prune=bool !prune-allowlist=list "
        "!server-side=bool ~force-conflicts=bool ~openapi-patch=bool ~overwrite=bool !subresource=str",
        "Makes the cluster agree with files.",
        "kubectl apply -f FILE|FOLDER|-",
        ("kubectl apply -f web.yaml", "cat <<'EOF' | kubectl apply -f -"),
    ),
    "create": Entry(
        "create",
        f"{FILES} {CREATE} !edit=bool !raw=str {SELECT} ~windows-line-endings=bool",
        "Creates objects of files, or of flags.",
        "kubectl create -f FILE | kubectl create KIND NAME [flags]",
        ("kubectl create deployment web --image=nginx", "kubectl create -f web.yaml"),
    ),
    "create deployment": Entry(
        "create:deployment", f"{CREATE} image=list port=int replicas,r=int",
        "Creates a Deployment.",
        "kubectl create deployment NAME --image=IMAGE [--replicas=N] [--port=PORT] [-- COMMAND]",
        ("kubectl create deployment web --image=nginx --replicas=3 --port=80",),
    ),
    "create service clusterip": Entry(
        "create:service", f"{CREATE} clusterip=str tcp=list",
        "Creates a Service inside the cluster, for pods with the label app=NAME.",
        "kubectl create service clusterip NAME --tcp=PORT[:TARGET] [--clusterip=None]",
        ("kubectl create service clusterip web --tcp=80:8080",),
    ),
    "create service nodeport": Entry(
        "create:service", f"{CREATE} node-port=int tcp=list",
        "Creates a Service with a port on every node.",
        "kubectl create service nodeport NAME --tcp=PORT[:TARGET] [--node-port=PORT]",
        ("kubectl create service nodeport web --tcp=80 --node-port=32000",),
    ),
    "create service loadbalancer": Entry(
        "create:service", f"{CREATE} tcp=list",
        "Creates a Service with an address of its own outside.",
        "kubectl create service loadbalancer NAME --tcp=PORT[:TARGET]",
        ("kubectl create service loadbalancer web --tcp=80:8080",),
    ),
    "create service externalname": Entry(
        "create:service", f"{CREATE} external-name=str tcp=list",
        "Creates a Service that is another name for a host.",
        "kubectl create service externalname NAME --external-name=HOST",
        ("kubectl create service externalname db --external-name=db.example.com",),
    ),
    "create ingress": Entry(
        "create:ingress", f"{CREATE} annotation=each class=str default-backend=str rule=each",
        "Creates an Ingress.", "kubectl create ingress NAME --rule=HOST/PATH=SERVICE:PORT[,tls[=SECRET]]",
        ('kubectl create ingress shop --class=nginx --rule="shop.example.com/*=web:80"',),
    ),
    "create namespace": Entry(
        "create:namespace", CREATE, "Creates a namespace.", "kubectl create namespace NAME",
        ("kubectl create namespace team-b",),
    ),
    "create configmap": Entry(
        "create:config_map", f"{CREATE} from-literal=each from-file=each from-env-file=each ~append-hash=bool",
        "Creates a ConfigMap.", "kubectl create configmap NAME --from-literal=KEY=VALUE | --from-file=FILE",
        ("kubectl create configmap colours --from-literal=sky=blue",),
    ),
    "create secret generic": Entry(
        "create:secret_generic",
        f"{CREATE} from-literal=each from-file=each from-env-file=each type=str ~append-hash=bool",
        "Creates a Secret.", "kubectl create secret generic NAME --from-literal=KEY=VALUE",
        ("kubectl create secret generic db --from-literal=password=secret",),
    ),
    "create secret tls": Entry(
        "create:secret_tls", f"{CREATE} cert=str key=str ~append-hash=bool",
        "Creates a Secret of a certificate.", "kubectl create secret tls NAME --cert=FILE --key=FILE",
        ("kubectl create secret tls shop-tls --cert=tls.crt --key=tls.key",),
    ),
    "create job": Entry(
        "create:job", f"{CREATE} image=str from=str",
        "Creates a Job.", "kubectl create job NAME --image=IMAGE [-- COMMAND]",
        ("kubectl create job hello --image=busybox -- date",),
    ),
    "create cronjob": Entry(
        "create:cron_job", f"{CREATE} image=str schedule=str restart=str",
        "Creates a CronJob.", "kubectl create cronjob NAME --image=IMAGE --schedule='*/5 * * * *' [-- COMMAND]",
        ("kubectl create cronjob hello --image=busybox --schedule='*/5 * * * *' -- date",),
    ),
    "create serviceaccount": Entry(
        "create:service_account", CREATE, "Creates a ServiceAccount.", "kubectl create serviceaccount NAME", (),
    ),
    "run": Entry(
        "run",
        f"{CREATE} {ENDING} annotations=each attach=bool command=bool env=each expose=bool image=str "
        "image-pull-policy=str labels,l=str ~leave-stdin-open=bool overrides=str ~override-type=str "
        "~pod-running-timeout=str port=str privileged=bool quiet,q=bool restart=str rm=bool stdin,i=bool tty,t=bool",
        "Runs one pod; with -it shows what its command prints.",
        "kubectl run NAME --image=IMAGE [--port=PORT] [--expose] [-it --rm] [-- COMMAND]",
        ("kubectl run nginx --image=nginx --port=80 --expose",
         "kubectl run busybox --rm --image=busybox -it --restart=Never -- wget -O- nginx:80"),
    ),
    "expose": Entry(
        "expose:expose",
        f"{FILES} {WRITING} ~save-config=bool cluster-ip=str external-ip=str labels,l=str load-balancer-ip=str "
        "name=str !overrides=str ~override-type=str port=str protocol=str selector=str session-affinity=str "
        "target-port=str type=str",
        "Makes a Service for a pod or a Deployment.",
        "kubectl expose KIND NAME --port=PORT [--target-port=PORT] [--type=TYPE] [--name=NAME]",
        ("kubectl expose deployment web --port=80 --target-port=8080",),
    ),
    "scale": Entry(
        "scale:scale", f"{MANY} {WRITING} current-replicas=int replicas=int ~resource-version=str ~timeout=str",
        "Sets the number of pods.", "kubectl scale KIND NAME --replicas=N",
        ("kubectl scale deployment web --replicas=3",),
    ),
    "label": Entry(
        "marks:label",
        f"{MANY} {WRITING} all-namespaces,A=bool field-selector=str list=bool overwrite=bool !local=bool "
        "~resource-version=str",
        "Adds, changes (--overwrite) or removes (KEY-) labels.", "kubectl label KIND NAME KEY=VALUE... [--overwrite]",
        ("kubectl label pod web tier=front", "kubectl label pod web tier-"),
    ),
    "annotate": Entry(
        "marks:annotate",
        f"{MANY} {WRITING} all-namespaces,A=bool field-selector=str list=bool overwrite=bool !local=bool "
        "~resource-version=str",
        "Adds, changes (--overwrite) or removes (KEY-) annotations.", "kubectl annotate KIND NAME KEY=VALUE...",
        ("kubectl annotate svc web owner=team-a",),
    ),
    "set image": Entry(
        "setting:set_image", f"{MANY} {WRITING} !local=bool",
        "Changes the image of containers.", "kubectl set image KIND/NAME CONTAINER=IMAGE",
        ("kubectl set image deployment/web nginx=nginx:1.28",),
    ),
    "set selector": Entry(
        "setting:set_selector", f"{MANY} {WRITING} !local=bool ~resource-version=str",
        "Changes which pods a Service selects.", "kubectl set selector service NAME KEY=VALUE[,KEY=VALUE]",
        ("kubectl set selector svc web app=web",),
    ),
    "set env": Entry(
        "setting:set_env",
        f"{MANY} {WRITING} containers,c=str env,e=each list=bool !from=str !keys=list !prefix=str ~resolve=bool "
        "~overwrite=bool !local=bool",
        "Changes environment variables of containers.", "kubectl set env KIND/NAME NAME=VALUE",
        ("kubectl set env deployment/web COLOUR=blue",),
    ),
    "patch": Entry(
        "patch:patch", f"{FILES} {WRITING} patch,p=str patch-file=str type=str !subresource=str !local=bool",
        "Changes fields of an object.", "kubectl patch KIND NAME [--type=strategic|merge|json] -p PATCH",
        ("kubectl patch svc web -p '{\"spec\":{\"selector\":{\"app\":\"web\"}}}'",),
    ),
    "edit": Entry(
        "edit", f"{FILES} {OUTPUT} {VALIDATE} ~field-manager=str !output-patch=bool ~save-config=bool !subresource=str "
        "~windows-line-endings=bool",
        "Opens an object in your editor ($EDITOR).", "kubectl edit KIND NAME", ("kubectl edit svc web",),
    ),
    "replace": Entry(
        "delete:replace",
        f"{FILES} {OUTPUT} {DRY_RUN} {VALIDATE} ~cascade=str?background force=bool ~grace-period=int ~timeout=str "
        "~wait=bool !raw=str ~save-config=bool !subresource=str",
        "Replaces objects by those of files.", "kubectl replace -f FILE [--force]", ("kubectl replace -f web.yaml",),
    ),
    "delete": Entry(
        "delete:delete",
        f"{MANY} {ENDING} {DRY_RUN} output,o=str all-namespaces,A=bool field-selector=str ignore-not-found=bool "
        "~interactive,i=bool !raw=str",
        "Deletes objects, with all that belongs to them.",
        "kubectl delete KIND NAME... | kubectl delete -f FILE | kubectl delete KIND -l SELECTOR",
        ("kubectl delete pod web", "kubectl delete svc,deploy -l app=web"),
    ),
    "logs": Entry(
        "logs",
        f"{SELECT} all-containers=bool all-pods=bool container,c=str follow,f=bool ~ignore-errors=bool prefix=bool "
        "previous,p=bool !since=str !since-time=str tail=int ~timestamps=bool ~limit-bytes=int ~max-log-requests=int "
        "~pod-running-timeout=str ~insecure-skip-tls-verify-backend=bool",
        "Shows the requests that reached a pod in this session.",
        "kubectl logs POD|KIND/NAME [-c CONTAINER] [--tail=N]",
        ("kubectl logs web", "kubectl logs deploy/cart", "kubectl logs -l app=cart --prefix"),
    ),
    "exec": Entry(
        "exec", f"{FILES} container,c=str quiet,q=bool stdin,i=bool tty,t=bool ~pod-running-timeout=str",
        "Runs a command in a container.", "kubectl exec [-it] POD [-c CONTAINER] -- COMMAND",
        ("kubectl exec web -- curl cart", "kubectl exec -it web -- sh"),
    ),
    "port-forward": Entry(
        "portforward", "~address=list ~pod-running-timeout=str",
        "Opens a tunnel from your machine into one pod.", "kubectl port-forward POD|KIND/NAME [LOCAL:]REMOTE",
        ("kubectl port-forward svc/web 8080:80", "curl localhost:8080"),
    ),
    "rollout status": Entry(
        "rollout:status", f"{FILES} {SELECT} revision=int ~timeout=str ~watch,w=bool",
        "Tells whether a rollout is done.", "kubectl rollout status KIND/NAME", ("kubectl rollout status deploy/web",),
    ),
    "rollout history": Entry(
        "rollout:history", f"{FILES} {OUTPUT} {SELECT} revision=int",
        "Lists earlier revisions.", "kubectl rollout history KIND/NAME", ("kubectl rollout history deploy/web",),
    ),
    "rollout undo": Entry(
        "rollout:undo", f"{FILES} {WRITING} {SELECT} to-revision=int",
        "Goes back to an earlier revision.", "kubectl rollout undo KIND/NAME [--to-revision=N]",
        ("kubectl rollout undo deploy/web",),
    ),
    "rollout restart": Entry(
        "rollout:restart", f"{FILES} {WRITING} {SELECT}",
        "Replaces all pods by new ones.", "kubectl rollout restart KIND/NAME", ("kubectl rollout restart deploy/web",),
    ),
    "explain": Entry(
        "explain", "api-version=str output,o=str recursive=bool",
        "Tells the fields of a kind.", "kubectl explain KIND[.FIELD]...", ("kubectl explain svc.spec.ports",),
    ),
    "api-resources": Entry(
        "about:api_resources",
        "api-group=str ~cached=bool ~categories=list namespaced=bool no-headers=bool output,o=str ~sort-by=str "
        "~verbs=list",
        "Lists the resources of this API server.", "kubectl api-resources", (),
    ),
    "api-versions": Entry("about:api_versions", "", "Lists API groups and versions.", "kubectl api-versions", ()),
    "version": Entry("about:version", "client=bool output,o=str ~short=bool", "Tells versions.", "kubectl version", ()),
    "cluster-info": Entry("about:cluster_info", "", "Tells where the cluster is.", "kubectl cluster-info", ()),
    "options": Entry("about:options", "", "Lists flags that every command takes.", "kubectl options", ()),
    "events": Entry(
        "events", f"{OUTPUT} {CLIENT} all-namespaces,A=bool for=str no-headers=bool types=list ~watch,w=bool",
        "Lists what happened lately.", "kubectl events [--for KIND/NAME] [-A]", ("kubectl events --for pod/web",),
    ),
    "config set-context": Entry(
        "config:set_context", "current=bool", "Sets the namespace that commands work in.",
        "kubectl config set-context --current --namespace=NAME",
        ("kubectl config set-context --current --namespace=shop",),
    ),
    "config view": Entry(
        "config:view", f"{OUTPUT} ~flatten=bool ~merge=bool ~minify=bool ~raw=bool",
        "Shows the configuration of kubectl.", "kubectl config view [--minify]", (),
    ),
    "config current-context": Entry(
        "config:current_context", "", "Names the context.", "kubectl config current-context", ()
    ),
    "config get-contexts": Entry(
        "config:get_contexts", "no-headers=bool output,o=str", "Lists contexts.", "kubectl config get-contexts", ()
    ),
    "config get-clusters": Entry("config:get_clusters", "", "Lists clusters.", "kubectl config get-clusters", ()),
    "config use-context": Entry(
        "config:use_context", "", "Switches to a context.", "kubectl config use-context NAME", ()
    ),
    "cordon": Entry(
        "nodes:cordon", f"{DRY_RUN} {SELECT}", "Keeps new pods away from a node.", "kubectl cordon NODE", ()
    ),
    "uncordon": Entry(
        "nodes:uncordon", f"{DRY_RUN} {SELECT}", "Lets new pods come to a node again.", "kubectl uncordon NODE", ()
    ),
    "drain": Entry(
        "nodes:drain",
        f"{DRY_RUN} {SELECT} {CLIENT} ~delete-emptydir-data=bool ~delete-local-data=bool ~disable-eviction=bool "
        "force=bool ~grace-period=int ignore-daemonsets=bool "
        "pod-selector=str ~skip-wait-for-delete-timeout=int ~timeout=str",
        "Cordons a node and moves its pods away.", "kubectl drain NODE --ignore-daemonsets", (),
    ),
    "wait": Entry(
        "wait", f"{MANY} {OUTPUT} all-namespaces,A=bool field-selector=str for=str ~timeout=str !local=bool",
        "Tells whether a condition is met.", "kubectl wait --for=condition=Ready KIND/NAME",
        ("kubectl wait --for=condition=Ready pod/web",),
    ),
    "diff": Entry(
        "diff", f"{FILES} {SELECT} ~concurrency=int ~field-manager=str ~force-conflicts=bool !prune=bool "
        "!prune-allowlist=list !server-side=bool ~show-managed-fields=bool",
        "Shows what apply would change.", "kubectl diff -f FILE", ("kubectl diff -f web.yaml",),
    ),
}  # fmt: skip

GROUPS: Final[dict[str, dict[str, str]]] = {
    "create": {"deploy": "deployment", "svc": "service", "ing": "ingress", "ns": "namespace", "cm": "configmap",
               "sa": "serviceaccount", "cj": "cronjob"},
    "create service": {},
    "create secret": {},
    "set": {},
    "rollout": {},
    "config": {},
}  # fmt: skip
"""Commands that have commands of their own, with other names of these."""

ABSENT_MEMBERS: Final = {
    "create": "role rolebinding clusterrole clusterrolebinding quota poddisruptionbudget pdb priorityclass token",
    "create secret": "docker-registry",
    "set": "resources serviceaccount sa subject",
    "rollout": "pause resume",
    "config": "delete-cluster delete-context delete-user get-users rename-context set set-cluster set-credentials "
    "unset",
}
"""Commands of groups that the lab leaves out."""

ABSENT: Final = {
    "top": "Nothing uses CPU or memory here, so there is nothing to measure.",
    "auth": "Everybody may do everything in the lab; there are no roles.",
    "debug": "A pod to look around with does the same: kubectl run -it --rm tmp --image=busybox -- sh",
    "attach": "kubectl logs shows requests, kubectl exec runs commands.",
    "cp": "The lab keeps no files inside pods.",
    "proxy": "kubectl get --help lists what can be read; the API is not served over HTTP here.",
    "autoscale": "Nothing has a load here. kubectl scale sets the number of pods.",
    "taint": "kubectl cordon and kubectl drain empty a node.",
    "certificate": "The lab has no certificates of its own.",
    "kustomize": "Build the manifests outside, and apply them.",
    "plugin": "The lab has no plugins.",
    "completion": "The tab key completes already.",
    "alpha": "",
}
"""Verbs of a real kubectl that the lab leaves out, and what to do instead."""
