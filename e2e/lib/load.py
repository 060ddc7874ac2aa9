"""Constant load from inside the cluster, counted without mercy.

curl, one process a worker: `--rate` paces it, a URL with a range in its fragment makes it one process with one
connection for all requests. It would silently repeat a request when a kept connection turns out to be closed;
`-v` tells that, and such a repetition counts as a failure here.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import pods
from .kubectl import Kubectl
from .progress import say

NAMESPACE = "cell-router-e2e"
SERVICE = "http://cell-router.cell-router.svc.cluster.local:8000"
GATEWAY = "http://traefik.traefik.svc.cluster.local:8000"
RESULT = re.compile(r"^RESULT (\d{3}) (\d+) (\d+) ([\d.]+) \[(.*?)\] ?(.*)$", re.MULTILINE)
MOMENT = re.compile(r" after \d+ ms")
REPEATED = re.compile(r"Connection died, (?:retrying|tried)")


@dataclass(frozen=True)
class Worker:
    name: str
    url: str
    cell: str
    rate: int = 20
    keep_alive: bool = True
    headers: tuple[str, ...] = ()

    def script(self) -> str:
        headers = "".join(f" -H '{each}'" for each in (*self.headers, *(() if self.keep_alive else ("Connection: close",))))
        return (f"curl -sv -o /dev/null --connect-timeout 3 --max-time 10 --rate {self.rate}/s -H 'Content-Type: application/json'{headers} "
                f"-d '{{\"cellID\":\"{self.cell}\"}}' "
                "-w '%{stderr}RESULT %{http_code} %{exitcode} %{num_connects} %{time_total} [%header{x-cell}] %{errormsg}\\n' "
                f"'{self.url}/api/route#[1-1000000]' 2>/tmp/{self.name}.out & echo $! >>/tmp/pids\n")


@dataclass
class Result:
    """What one worker saw."""

    answers: Counter = field(default_factory=Counter)  # by "200" or "000 curl's message"
    repeated: int = 0
    connections: int = 0
    slowest: float = 0.0
    times: list[float] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)  # the answers in their order, those alike in a row as one

    @staticmethod
    def parse(text: str, cell: str) -> "Result":
        result = Result(repeated=len(REPEATED.findall(text)))
        for status, code, connects, seconds, answered_by, message in RESULT.findall(text):
            answer = outcome(status, code, message, answered_by, cell)
            result.answers[answer] += 1
            if result.phases[-1:] != [answer]:
                result.phases.append(answer)
            result.times.append(float(seconds))
            result.connections += int(connects)
            result.slowest = max(result.slowest, float(seconds))
        return result

    @property
    def total(self) -> int:
        return sum(self.answers.values())

    def failed(self, good: str = "200") -> int:
        return self.total - self.answers[good] + self.repeated

    def __str__(self) -> str:
        repeated = f", {self.repeated} repeated" if self.repeated else ""
        return f"{dict(self.answers)}{repeated}, {self.connections} connections, slowest {self.slowest * 1000:.0f} ms"


def outcome(status: str, code: str, message: str, answered_by: str, cell: str) -> str:
    if code != "0":
        return f"{status} {MOMENT.sub('', message) or 'exit ' + code}"
    return f"{status} from cell {answered_by}" if answered_by not in ("", cell) else status


EVERY_WAY = (
    Worker("service-1", SERVICE, "1"),
    Worker("service-2", SERVICE, "2"),
    Worker("service-3-close", SERVICE, "3", keep_alive=False),
    Worker("gateway-1", GATEWAY, "1"),
    Worker("gateway-3", GATEWAY, "3"),
)


class Load:
    def __init__(self, kubectl: Kubectl, image: str, workers: tuple[Worker, ...], name: str = "load"):
        self._kubectl, self._image, self._workers, self._name = kubectl, image, workers, name
        self.results: dict[str, Result] = {}
        self.seconds = 0.0  # that it ran, about
        self._began = 0.0

    def start(self) -> None:
        # A new pod's first packets may be lost until the policies know it.
        script = ": >/tmp/pids\nsleep 1\n" + "".join(each.script() for each in self._workers) + "sleep 86400"
        pods.start(self._kubectl, pods.client(self._name, NAMESPACE, self._image, script=script))
        self._began = time.monotonic()

    def stop(self) -> None:
        # INT ends curl at once; a request under way is not written down, so it counts neither way.
        self._kubectl.exec(self._name, "sh", "-c", "kill -INT $(cat /tmp/pids); sleep 0.5", namespace=NAMESPACE)
        self.seconds = time.monotonic() - self._began
        for worker in self._workers:
            text = self._kubectl.exec(self._name, "sh", "-c", f"grep -E '^RESULT|Connection died' /tmp/{worker.name}.out || true", namespace=NAMESPACE)
            self.results[worker.name] = Result.parse(text, worker.cell)
        self._kubectl("delete", "pod", self._name, "--now", namespace=NAMESPACE)

    @property
    def total(self) -> int:
        return sum(each.total for each in self.results.values())

    def p99(self) -> float:
        """Of all workers' requests together, in seconds."""
        times = sorted(seconds for each in self.results.values() for seconds in each.times)
        return times[len(times) * 99 // 100]

    def answers(self) -> Counter:
        return sum((each.answers for each in self.results.values()), Counter())

    def failures(self, good: str = "200") -> list[str]:
        return [f"{name}: {result}" for name, result in self.results.items() if result.failed(good) or not result.total]


@contextmanager
def load(kubectl: Kubectl, image: str, workers: tuple[Worker, ...] = EVERY_WAY, name: str = "load", lead: float = 3.0) -> Iterator[Load]:
    """Runs while the block runs, and a little before and after it."""
    running = Load(kubectl, image, workers, name)
    running.start()
    try:
        time.sleep(lead)
        yield running
        time.sleep(1)
    finally:
        running.stop()
    for worker, result in running.results.items():
        say(f"  {worker}: {result}")


def admit(kubectl: Kubectl) -> None:
    """The load comes from a namespace of its own; the router's policies know none such, so it gets one more for the time of the run."""
    kubectl.apply({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "e2e-load", "namespace": "cell-router", "labels": pods.OWN},
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/component": "router"}},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}}], "ports": [{"port": 8000}]}],
        },
    })


def refuse(kubectl: Kubectl) -> None:
    kubectl.delete("networkpolicy", "e2e-load", "cell-router")
