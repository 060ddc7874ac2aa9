"""What the README promises, through the Service and through the gateway."""

import json
from collections.abc import Iterator

import pytest

from lib.command import run
from lib.forward import forward
from lib.platform import Platform
from lib.readme import Example, examples
from lib.settings import ROOT
from lib.waiting import wait_until

EXAMPLES = examples(ROOT / "README.md")
IDS = [f"line {number}" for number in range(1, len(EXAMPLES) + 1)]
FIELDS = {"timestamp", "level", "logger", "message", "request_id", "trace_id", "client", "method", "path", "status", "cell_id", "upstream",
          "duration_ms", "upstream_ms", "bytes"}


@pytest.fixture(scope="module")
def service(up: Platform) -> Iterator[int]:
    with forward("cell-router", "service/cell-router", 8000) as port:
        yield port


@pytest.fixture(scope="module")
def management(up: Platform) -> Iterator[int]:
    with forward("cell-router", "service/cell-router", 9000) as port:
        yield port


def test_the_readme_has_examples() -> None:
    """The README's examples are found"""
    assert len(EXAMPLES) >= 7


def test_gateway_is_programmed(up: Platform, gateway: int) -> None:
    """The Gateway is programmed, the HTTPRoute accepted, its backend resolved"""
    item = up.kubectl.get("gateways.gateway.networking.k8s.io", "cell-router", "traefik")
    assert {each["type"]: each["status"] for each in item["status"]["conditions"]}.get("Programmed") == "True"
    route = up.kubectl.get("httproutes.gateway.networking.k8s.io", "cell-router", "cell-router")
    found = {each["type"]: each["status"] for each in route["status"]["parents"][0]["conditions"]}
    assert (found.get("Accepted"), found.get("ResolvedRefs")) == ("True", "True")
    wait_until("the gateway to answer", lambda: run("curl", "-sf", f"http://127.0.0.1:{gateway}/health"), 30)


def printed(example: Example) -> str:
    """What the README prints, of a router with a file of cells: the README's own is started without one."""
    return example.printed.replace('"config":"none"', '"config":"current"')


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_readme_through_the_service(example: Example, service: int, management: int) -> None:
    """The README's line through the Service gives the answer printed there"""
    assert example.answer(service, management) == printed(example)


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_readme_through_the_gateway(example: Example, gateway: int, management: int) -> None:
    """The README's line through the gateway gives the answer printed there"""
    assert example.answer(gateway, management) == printed(example)


def test_management_is_not_public(gateway: int) -> None:
    """The gateway leads to no page of the management port"""
    status = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{gateway}/cells").strip()
    assert status == "404"


def test_pages_in_the_browser(gateway: int) -> None:
    """Swagger UI, Redoc and the API's description through the gateway"""
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{gateway}{path}").strip() == "200", path


def test_logs(up: Platform, gateway: int, note) -> None:
    """`kubectl logs` gives JSON lines and nothing else; a request's line has every field and the request's id"""
    own = "e2e-logs-0001"
    run("curl", "-sf", f"http://127.0.0.1:{gateway}/api/route", "-H", "Content-Type: application/json", "-H", f"X-Request-ID: {own}", "-d", '{"cellID":"2"}')

    def lines() -> list[dict]:
        text = up.kubectl("logs", "--selector", "app.kubernetes.io/component=router", "--tail=-1", "--max-log-requests=20", namespace="cell-router")
        return [json.loads(line) for line in text.splitlines()]

    found = wait_until("the request's line", lambda: [each for each in lines() if each.get("request_id") == own], 20)
    assert len(found) == 1
    line = found[0]
    assert not FIELDS - line.keys()
    assert (line["status"], line["cell_id"], line["upstream"], line["path"]) == (200, "2", "nginx-2", "/api/route")
    note(f"{len(lines())} lines")


def test_request_id_reaches_the_cell(up: Platform) -> None:
    """The cell's own log has the id of the request that was routed to it, and no other cell's has"""
    for cell in ("1", "2", "3"):
        text = up.kubectl("logs", f"deployment/nginx-{cell}", "--all-containers", "--tail=-1", namespace=f"cell-{cell}")
        assert ("e2e-logs-0001" in text) == (cell == "2"), f"cell {cell}"
