"""API keys: switched on by a commit, exchanged without a restart."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator

import pytest

from lib import load, router
from lib.command import run
from lib.forward import forward
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import OVERLAY, Platform

OLD, NEW = "e2e-old-key-0123456789abcdef", "e2e-new-key-0123456789abcdef"
SECRET = "cell-router-api-keys"


def store(up: Platform, **clients: str) -> None:
    """Digests only, as the README says; client=key."""
    keys = {f"sha256:{hashlib.sha256(key.encode()).hexdigest()}": client for client, key in clients.items()}
    up.kubectl.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET, "namespace": "cell-router"},
                      "data": {"api-keys.json": base64.b64encode(json.dumps(keys).encode()).decode()}})


def look_now(up: Platform, count: int) -> None:
    """The kubelet looks at mounted Secrets about once a minute, and at once when something about the pod changes."""
    for pod in router.pods(up.kubectl):
        up.kubectl("annotate", "pod", pod["metadata"]["name"], f"e2e/keys={count}-{pod['metadata']['resourceVersion']}", "--overwrite", namespace="cell-router")
    router.on_every_pod(up.kubectl, f"{count} keys in force", lambda pod: keys_in_force(router.management(up.kubectl, pod, "/metrics")) == count, 150)


def keys_in_force(metrics: str) -> int:
    found = re.search(r"^router_api_keys (\S+)$", metrics, re.MULTILINE)
    return int(float(found.group(1))) if found else -1


def with_key(key: str) -> tuple[Worker, ...]:
    header = (f"X-API-Key: {key}",)
    return (Worker("service-1", SERVICE, "1", headers=header), Worker("service-2", SERVICE, "2", keep_alive=False, headers=header),
            Worker("gateway-3", GATEWAY, "3", headers=header))


def status(port: int, *headers: str) -> str:
    words = [word for each in headers for word in ("-H", each)]
    return run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/api/route", "-H", "Content-Type: application/json",
               *words, "-d", '{"cellID":"1"}').strip()


@pytest.fixture(scope="module", autouse=True)
def admitted(up: Platform) -> Iterator[None]:
    load.admit(up.kubectl)
    yield
    load.refuse(up.kubectl)


@pytest.fixture
def gateway(up: Platform) -> Iterator[int]:
    with forward("traefik", "service/traefik", 8000) as port:
        yield port


def test_switched_on(up: Platform, gateway: int, note) -> None:
    """Authentication switched on by a commit, under load with a key: zero failed requests; without a key 401, with a wrong one 403"""
    store(up, alice=OLD)
    with load.load(up.kubectl, up.settings.client_image, with_key(OLD)) as running:
        up.repository.edit(f"{OVERLAY}/router/kustomization.yaml",
                           lambda text: text.replace("components:\n", "components:\n  - ../../../components/authentication\n"))
        up.argocd.await_revision(up.repository.commit("Ask for keys"), "router", timeout=180)
        router.await_rollout(up.kubectl)
    assert not running.failures()
    assert (status(gateway), status(gateway, "X-API-Key: wrong"), status(gateway, f"X-API-Key: {OLD}")) == ("401", "403", "200")
    note(f"{running.total} requests, 0 failed")


def test_rotation(up: Platform, gateway: int, note) -> None:
    """A new key beside the old one, then the old one taken away, under load: zero failed requests and no restart"""
    before = {pod["metadata"]["uid"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in router.pods(up.kubectl)}
    with load.load(up.kubectl, up.settings.client_image, with_key(OLD)) as old:
        store(up, alice=OLD, bob=NEW)
        look_now(up, 2)
    assert (status(gateway, f"X-API-Key: {OLD}"), status(gateway, f"X-API-Key: {NEW}")) == ("200", "200")
    with load.load(up.kubectl, up.settings.client_image, with_key(NEW)) as new:
        store(up, bob=NEW)
        look_now(up, 1)
    assert (status(gateway, f"X-API-Key: {OLD}"), status(gateway, f"X-API-Key: {NEW}")) == ("403", "200")
    assert not old.failures() and not new.failures()
    assert {pod["metadata"]["uid"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in router.pods(up.kubectl)} == before
    note(f"{old.total + new.total} requests, 0 failed")


def test_no_key_in_the_logs(up: Platform) -> None:
    """No key is in any log; the client's name is"""
    text = up.kubectl("logs", "--selector", router.LABELS, "--tail=-1", "--max-log-requests=20", namespace="cell-router")
    assert OLD not in text and NEW not in text and '"client":"bob"' in text
