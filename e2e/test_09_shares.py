"""A cell is drained and brought back in steps of one per cent, client by client."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lib import load, router
from lib.forward import forward
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform

CELL = "2"
ADMIN = "e2e-admin"
OTHERS = (Worker("service-1", SERVICE, "1", rate=10), Worker("service-3", SERVICE, "3", rate=10, keep_alive=False), Worker("gateway-3", GATEWAY, "3", rate=10))
# Without keys a client is who X-Forwarded-For says it is.
CLIENTS = tuple(Worker(f"client-{number}", SERVICE, CELL, rate=2, headers=(f"X-Forwarded-For: 203.0.113.{number}",)) for number in range(12))
# Each client's requests on a connection of its own, thus to any router.
SURVEY = f"""for client in $(seq 200); do curl -s -o /dev/null --max-time 10 -w '%{{http_code}} ' -H "X-Forwarded-For: 198.51.100.$client" \\
  -H 'Content-Type: application/json' -d '{{"cellID":"{CELL}"}}' {SERVICE}/api/route; done"""


@pytest.fixture(scope="module", autouse=True)
def two_routers(up: Platform, admitted: None) -> Iterator[None]:
    """No more of them: one that starts later knows of no override."""
    up.task("scale", "MIN=2", "MAX=2")
    commit = up.repository.commit("Two routers")
    up.argocd.await_revision(commit, "router", timeout=180)
    router.await_number(up.kubectl, 2)
    yield
    up.repository.git("checkout", "--quiet", f"{commit}~", "--", OVERLAY)
    up.argocd.await_revision(up.repository.commit("The routers as before"), "router", timeout=180)


@pytest.fixture(scope="module")
def key(up: Platform) -> str:
    """Of somebody who may change cells while the routers run; they take it without a restart."""
    made = up.new_key(ADMIN, role="admin")

    def knows(pod: dict) -> bool:
        with forward("cell-router", f"pod/{pod['metadata']['name']}", 9000) as port:
            return change(port, made)[0] == 422  # a change without anything in it

    router.await_mounted(up.kubectl, "every router to know the key", knows)
    return made


def change(port: int, key: str, **members: object) -> tuple[int, dict]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/cells", json.dumps(members).encode(), {"X-API-Key": key, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as problem:
        return problem.code, json.load(problem)


def admitted_clients(up: Platform) -> set[int]:
    """Which of 200 clients the cell has now, asked with the load going on."""
    answers = up.kubectl.exec("load", "sh", "-c", SURVEY, namespace=load.NAMESPACE).split()
    assert len(answers) == 200 and set(answers) <= {"200", "503"}, set(answers)
    return {client for client, answer in enumerate(answers) if answer == "200"}


HALF: set[int] = set()  # of the clients, at 50 %


def test_steps_of_one_per_cent(up: Platform, key: str, note) -> None:
    """Under load a cell's share goes from 100 to 0 % and back in steps of 1 % on every router: each client leaves once and returns once, nothing but `cell_share` refuses it, the others notice nothing"""
    life, before = router.life(up.kubectl), router.refusals(up.kubectl)
    halves: list[set[int]] = []
    with ExitStack() as ways:
        ports = [ways.enter_context(forward("cell-router", f"pod/{pod['metadata']['name']}", 9000)) for pod in router.pods(up.kubectl)]
        ways.callback(lambda: [change(port, key, cellID=CELL, clear=True, reason="e2e: at the end") for port in ports])
        with load.load(up.kubectl, up.settings.client_image, (*OTHERS, *CLIENTS)) as running:
            for share in (*range(99, -1, -1), *range(1, 101)):
                for port in ports:
                    status, cell = change(port, key, cellID=CELL, share=share, expires_in=600, reason="e2e: a drain in steps")
                    assert (status, cell.get("share")) == (200, share), cell
                if share == 50:
                    halves.append(admitted_clients(up))
                elif share == 0:
                    assert not admitted_clients(up)
                time.sleep(0.15)
        for port in ports:
            status, cell = change(port, key, cellID=CELL, clear=True, reason="e2e: done")
            assert status == 200 and cell["share"] == 100 and cell["override"] is None
    assert len(ports) >= 2 and halves[0] == halves[1] and 60 <= len(halves[0]) <= 140, halves
    HALF.update(halves[0])
    own = {each.name: running.results.pop(each.name) for each in CLIENTS}
    assert not running.failures()
    assert {name: result.phases for name, result in own.items()} == {each.name: ["200", "503", "200"] for each in CLIENTS}
    assert not any(result.repeated for result in own.values())
    refused = router.refusals(up.kubectl) - before
    assert set(refused) == {(CELL, "cell_share")}, refused
    assert router.life(up.kubectl) == life
    note(f"200 steps on {len(ports)} routers; {len(CLIENTS)} clients, {sum(each.total for each in own.values())} requests, {refused.total()} refused; "
         f"{len(HALF)} of 200 clients at 50 %, the same ones both ways; {running.total} requests for the others, 0 failed")


def test_override_by_task(up: Platform, key: str, note) -> None:
    """`task override-cell ID=2 STATE=draining FOR=15`: `cell_draining` from every router at once; then the file holds again; both are audit lines with who and why"""
    before = router.refusals(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, (*OTHERS, *CLIENTS)) as running:
        said = up.task("override-cell", f"ID={CELL}", "STATE=draining", "FOR=15", "REASON=trying it out", more={"ADMIN_KEY": key})
        assert said.count(": done") == len(router.pods(up.kubectl)), said
        router.on_every_pod(up.kubectl, "every router to drain it", lambda pod: router.cells(up.kubectl, pod)[CELL]["state"] == "draining", 5)
        router.on_every_pod(up.kubectl, "the override to end", lambda pod: router.cells(up.kubectl, pod)[CELL]["state"] == "active", 60)
    for worker in CLIENTS:
        result = running.results.pop(worker.name)
        assert result.phases == ["200", "503", "200"], f"{worker.name}: {result.phases}"
    assert not running.failures()
    refused = router.refusals(up.kubectl) - before
    assert set(refused) == {(CELL, "cell_draining")}, refused
    for pod in router.pods(up.kubectl):
        log = up.kubectl("logs", pod["metadata"]["name"], "--tail=-1", namespace="cell-router")
        audit = [json.loads(line) for line in log.splitlines() if '"audit"' in line]
        ours = [(each["message"], each["before"], each["after"]) for each in audit if each.get("reason") == "trying it out" and each["who"] == ADMIN]
        assert ours == [("cell overridden", "state=active share=100", "state=draining share=100"),
                        ("override expired", "state=draining share=100", "state=active share=100")], ours
        assert key not in log
    note(f"{refused.total()} refused; {running.total} requests for the others, 0 failed")


def test_a_share_in_git(up: Platform, note) -> None:
    """`task drain-cell ID=2 SHARE=50`, committed: the same clients are in as before, without a restart; `STATE=active`, committed: all are"""
    before = router.uids(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, OTHERS) as running:
        deliver(up, 50, "SHARE=50")
        if HALF:
            assert admitted_clients(up) == HALF
        deliver(up, 100, "STATE=active")
        assert len(admitted_clients(up)) == 200
    assert not running.failures()
    assert router.uids(up.kubectl) == before
    note(f"{running.total} requests for the others, 0 failed")


def deliver(up: Platform, share: int, word: str) -> None:
    up.task("drain-cell", f"ID={CELL}", word)
    up.argocd.await_revision(up.repository.commit(f"Cell {CELL}: {word}"), "router", timeout=180)
    router.await_mounted(up.kubectl, f"every router to have {share} %", lambda pod: router.cells(up.kubectl, pod)[CELL]["share"] == share)
