"""A lesson of the tests: small, whole, and easy to spoil."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kcnet.tutor.lesson import Lesson
from kcnet.tutor.lessonfile import read_lesson
from kcnet.tutor.play import Play
from kcnet.tutor.progress import Progress
from kcnet.tutor.sandbox import open_sandbox

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

SCENARIO = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec:
  containers: [{name: main, image: "nicolaka/netshoot:v0.13", ports: [{containerPort: 9000}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  containers: [{name: main, image: "nginxinc/nginx-unprivileged:1.27", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: default, labels: {app: web}}
spec:
  containers: [{name: main, image: "nginxinc/nginx-unprivileged:1.27", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
"""

LESSON = """\
id: small
title: A small lesson
minutes: 8
competency: Networking
topics: [services]
objectives: [See that a lesson works.]
teaches: [web]
scenario: small
namespace: shop
links:
  - {title: Services, url: https://kubernetes.io/docs/concepts/services-networking/service/}
steps:
  - id: hello
    say: Hello. This is **one** idea.
  - id: look
    show: {object: svc/web, fields: [spec.selector]}
  - id: watch
    trace: {from: client, to: http://web/, verdict: delivered}
  - id: guess
    predict:
      from: client
      to: http://web/
      before: endpoint
      beliefs: [selector-crosses-namespaces]
      wrong: [{value: shop/client, why: The sender does not answer itself.}]
      review: services
  - id: type
    run:
      task: List the Services.
      wants:
        - saw: {verb: get, resource: services, namespace: shop}
          else: That shows no Service.
      hints: [Use kubectl., "`kubectl get svc`"]
      answer: kubectl get svc
      also: [kubectl -n shop get services, kubectl get service web -o yaml]
      miss:
        - {do: kubectl get pods, says: no Service}
  - id: mend
    goal:
      task: The Service finds nobody. Mend it.
      setup:
        - kubectl set selector svc web app=wep
      wants:
        - {id: pods, endpoints: shop/web, of: [pod/web], else: The wrong pods stand behind it.}
        - {id: client, from: client, to: http://web/, verdict: delivered, else: The client gets nothing.}
        - {id: other, from: default/other, to: pod/client:9000, verdict: delivered, else: The bystander lost something.}
      hints: [Look at the selector., It has a slip.]
      solution: [kubectl set selector svc web app=web]
      accept:
        - ['kubectl patch svc web -p ''{"spec":{"selector":{"app":"web"}}}''']
        - [kubectl apply -f small.yaml]
        - [kubectl delete svc web, kubectl expose pod web --port=80 --target-port=8080]
      reject:
        - {do: [kubectl set selector svc web app=client], fails: pods}
        - {do: [kubectl delete svc web, kubectl expose pod web --port=8080], fails: client}
        - {do: [kubectl set selector svc web app=web, kubectl delete pod other -n default], fails: other}
  - id: after
    predict:
      from: client
      to: http://web/
      before: port
      beliefs: [service-port-is-container-port]
      wrong:
        - {value: "9000", why: That is another pod's port.}
  - id: order
    order: {ask: Put them in order., from: client, to: http://web/}
  - id: sum
    recap: |
      It works.

      **Exam tip.** Read the question.
  - id: cards
    cards: [{id: one, front: "What?", back: That.}]
"""


def write(folder: Path, text: str = LESSON, name: str = "01-small.yaml", scenario: str = SCENARIO) -> Path:
    """The lesson as a file, its scenario beside it."""
    place = folder / "scenarios" / "small"
    place.mkdir(parents=True, exist_ok=True)
    (place / "small.yaml").write_text(scenario, encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def lesson(folder: Path, text: str = LESSON) -> Lesson:
    return read_lesson(write(folder, text))


def play(lesson: Lesson, progress: Progress | None = None, at: str = "") -> Play:
    """The lesson in play, at the step ``at``; steps before it are skipped."""
    found = Play(lesson, lambda: open_sandbox(lesson.head, clock=lambda: NOON), progress or Progress(), lambda: NOON)
    while at and found.step.id != at:
        assert found.skip(), at
    return found
