"""API keys: switched on by a commit, exchanged without a restart."""

import base64

import pytest

from lib import load, router
from lib.command import run
from lib.load import GATEWAY, SERVICE, Worker
from lib.platform import Platform

pytestmark = pytest.mark.usefixtures("admitted")
SECRET = "cell-router-api-keys"


def look_now(up: Platform, count: int) -> None:
    router.await_mounted(up.kubectl, f"{count} keys in force", lambda pod: router.metric(up.kubectl, pod, "router_api_keys") == count)


def with_key(key: str) -> tuple[Worker, ...]:
    header = (f"X-API-Key: {key}",)
    return (Worker("service-1", SERVICE, "1", headers=header), Worker("service-2", SERVICE, "2", keep_alive=False, headers=header),
            Worker("gateway-3", GATEWAY, "3", headers=header))


def status(port: int, *headers: str) -> str:
    words = [word for each in headers for word in ("-H", each)]
    return run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/api/route", "-H", "Content-Type: application/json",
               *words, "-d", '{"cellID":"1"}').strip()


@pytest.fixture(scope="module")
def first(up: Platform) -> str:
    return up.new_key("alice")


def test_switched_on(up: Platform, gateway: int, first: str, note) -> None:
    """`task secrets`, committed: authentication is switched on under load with the key, zero failed requests; without a key 401, with a wrong one 403"""
    with load.load(up.kubectl, up.settings.client_image, with_key(first)) as running:
        up.argocd.await_revision(up.repository.commit("Ask for keys"), "router", timeout=180)
        router.await_rollout(up.kubectl)
    assert not running.failures()
    assert (status(gateway), status(gateway, "X-API-Key: wrong"), status(gateway, f"X-API-Key: {first}")) == ("401", "403", "200")
    note(f"{running.total} requests, 0 failed")


def test_rotation(up: Platform, gateway: int, first: str, note) -> None:
    """A new key beside the old one, then the old one retired, under load: zero failed requests and no restart"""
    before = router.life(up.kubectl)
    with load.load(up.kubectl, up.settings.client_image, with_key(first)) as old:
        second = up.new_key("alice")
        look_now(up, 2)
    assert (status(gateway, f"X-API-Key: {first}"), status(gateway, f"X-API-Key: {second}")) == ("200", "200")
    with load.load(up.kubectl, up.settings.client_image, with_key(second)) as new:
        up.task("secrets", "ACTION=retire", "CLIENTS=alice")
        look_now(up, 1)
    assert (status(gateway, f"X-API-Key: {first}"), status(gateway, f"X-API-Key: {second}")) == ("403", "200")
    assert not old.failures() and not new.failures()
    assert router.life(up.kubectl) == before
    note(f"{old.total + new.total} requests, 0 failed")


def test_no_key_is_kept(up: Platform, first: str) -> None:
    """No key is in a log, in the Secret or in Git; the client's name and the digests are"""
    logs = up.kubectl("logs", "--selector", router.LABELS, "--tail=-1", "--max-log-requests=20", namespace="cell-router")
    secret = base64.b64decode(up.kubectl.get("secret", SECRET, "cell-router")["data"]["api-keys.json"]).decode()
    history = up.repository.git("log", "--patch", "-5")
    assert first not in logs + secret + history
    assert '"client":"alice"' in logs and "sha256:" in secret
