"""``help [TOPIC]``"""

from __future__ import annotations

from kcnet.lab.call import Call
from kcnet.lab.machine import Ran
from kcnet.lab.nearest import nearest

START = """\
This is a cluster in a sandbox: what you do changes it, and nothing else.

  kubectl get pods -A                     what runs, in all namespaces
  kubectl get svc -n shop                 the Services of one namespace
  kubectl exec -it POD -- sh              a shell inside a pod; exit leaves it
  kubectl exec POD -- curl http://cart/   send a request from a pod
  why                                     why the last request failed
  trace shop/frontend http://cart/        the way of a request, step by step
  fail POD, recover POD                   break a pod, and mend it
  undo, reset, save DIR                   take back, start again, keep
  exit                                    leave the lab (or Ctrl-D)

More: help TOPIC. Topics: {topics}.
"""

TOPICS = {
    "kubectl": """\
kubectl works as beside a real cluster; k is short for it. kubectl --help lists
its commands, kubectl COMMAND -h tells more of one. What the lab does not have
is refused, and never pretended.

  kubectl get pods,svc -o wide            kubectl apply -f FILE
  kubectl describe svc NAME               kubectl edit svc NAME
  kubectl get events                      kubectl logs POD
  kubectl config set-context --current --namespace=shop

Nothing takes time here: when a command is answered, every controller has done
its part. So -w and rollout status answer at once.
""",
    "tools": """\
curl, wget, nc, nslookup, dig, host, ping, traceroute and more run

  on your own machine, outside the cluster:  curl http://shop.example.com/
  in a pod:      kubectl exec POD -- curl http://cart/
  on a node:     node node-1 -- curl 10.96.0.1:443
  outside, from anywhere:  outside -- curl http://shop.example.com/

A pod has the tools that its image has. On nodes there are also iptables-save,
ipvsadm and nft, as far as kube-proxy's mode uses them. Your machine has an
/etc/hosts of its own:

  echo "203.0.113.1 shop.example.com" | sudo tee -a /etc/hosts
""",
    "shell": """\
Pipes, &&, ||, ;, >, >>, <, heredocs, $(...), $VAR, export, for and while work,
and grep, head, tail, wc, sort, uniq, cut, awk '{print $2}', tr and sed.

  kubectl get pods -A | grep cart | awk '{print $2}'

  cat <<'EOF' | kubectl apply -f -
  apiVersion: v1
  ...
  EOF

Files are those of the folder that you started in. What you write stands in the
lab alone: nothing on your disk is changed. save DIR writes manifests.
""",
    "break": """\
  fail POD                 its readiness probe fails: Services leave it out
  fail POD crash           its container crashes again and again
  fail POD image           its image cannot be pulled
  recover POD              all is well again
  drain NODE               its pods move to other nodes; kubectl uncordon NODE
  undo                     takes back the last change, reset all of them

POD may be deploy/NAME: the first of its pods. -n names the namespace.
""",
    "trace": """\
  trace SOURCE TARGET      the way of a request, step by step, and its end
  why                      the same for the last request that failed
  map                      who is where, which Service has which pods, policies
  kcnet explain CODE       a reason code: what it means, and how it is mended

SOURCE is a pod, a workload, a node or internet; TARGET a URL, HOST:PORT,
svc/NAME or pod/NAME:

  trace shop/frontend http://cart/
  trace internet https://shop.example.com/
""",
    "keys": """\
  Tab       completes commands, kinds, names, namespaces, flags and files
  Up, Down  earlier lines, also of earlier days
  Ctrl-R    searches them
  Ctrl-C    drops the line that you are typing
  Ctrl-D    leaves: the pod that you are in, or the lab

A line that is not whole goes on below, behind >.
""",
    "minikube": """\
  minikube ip                             the address of the first node
  minikube service NAME -n NS --url       where a NodePort Service answers
  curl $(minikube service NAME --url)
""",
}
ALSO = {"exec": "tools", "curl": "tools", "undo": "break", "fail": "break", "recover": "break", "why": "trace",
        "map": "trace", "files": "shell", "heredoc": "shell", "save": "shell", "drain": "break", "k": "kubectl",
        "node": "tools", "outside": "tools"}  # fmt: skip


def run(call: Call) -> int:
    call.did(Ran("help", tuple(call.argv[1:])))
    if len(call.argv) == 1:
        call.out(START.format(topics=", ".join(TOPICS)))
        return 0
    topic = call.argv[1].lower()
    topic = ALSO.get(topic, topic)
    if topic not in TOPICS:
        near = nearest(topic, [*TOPICS, *ALSO])
        call.err(
            f"help: There is no topic {call.argv[1]}. "
            + (f"Did you mean {near}?" if near else f"Topics: {', '.join(TOPICS)}.")
        )
        return 1
    call.out(TOPICS[topic])
    return 0
