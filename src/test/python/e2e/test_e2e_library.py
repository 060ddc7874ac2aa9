"""What the suite for a real cluster believes, tried without one."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(ROOT / "e2e"))

from lib import router  # noqa: E402
from lib.command import Failed  # noqa: E402
from lib.load import Load, Result, Worker  # noqa: E402
from lib.readme import Example, examples  # noqa: E402
from lib.record import Case, page  # noqa: E402
from lib.repository import Repository  # noqa: E402
from lib.waiting import NotYet, wait_until  # noqa: E402

GOOD = "RESULT 200 0 1 0.012 [1] \nRESULT 200 0 0 0.002 [1] \n"


def test_good_answers_are_no_failures() -> None:
    result = Result.parse(GOOD, "1")
    assert (result.total, result.failed(), result.connections, result.slowest) == (2, 0, 1, 0.012)


def test_the_order_of_answers_is_kept() -> None:
    """A client that leaves a drained cell and returns to it once has three phases; one that flaps has more."""
    away = "RESULT 503 0 0 0.001 [] \n"
    assert Result.parse(GOOD + away + away + GOOD, "1").phases == ["200", "503", "200"]
    assert Result.parse(GOOD + away + GOOD + away, "1").phases == ["200", "503", "200", "503"]


def test_the_99th_percentile_is_of_all_workers() -> None:
    running = Load(None, "", ())  # type: ignore[arg-type]
    running.results = {"a": Result.parse("RESULT 200 0 0 0.001 [1] \n" * 150, "1"), "b": Result.parse("RESULT 200 0 0 0.500 [1] \n" * 3, "1")}
    assert running.p99() == 0.5
    running.results["b"] = Result.parse("RESULT 200 0 0 0.500 [1] \n", "1")
    assert running.p99() == 0.001


@pytest.mark.parametrize("line", [
    "RESULT 503 0 0 0.001 [1] \n",
    "RESULT 200 0 0 0.001 [2] \n",
    "RESULT 000 7 0 0.001 [] Failed to connect to x port 8000 after 3 ms: Couldn't connect to server\n",
    "RESULT 200 28 0 10.0 [1] Operation timed out\n",
    "* Connection died, retrying a fresh connect (retry count: 1)\n",
], ids=["error", "another cell", "refused", "stalled", "repeated"])
def test_whatever_else_is_one(line: str) -> None:
    assert Result.parse(GOOD + line, "1").failed() == 1


def test_a_kept_connection_closed_under_the_request_is_seen(tmp_path: Path) -> None:
    class Rude(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        answered = 0

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answered += 1
            if self.answered == 3:  # read, not answered, closed without a word
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("X-Cell", "1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Rude)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        script = Worker("w", f"http://127.0.0.1:{server.server_port}", "1", rate=50).script()
        script = script.replace("/tmp/", f"{tmp_path}/").replace("1-1000000", "1-6")
        subprocess.run(["sh", "-c", script + "wait"], check=True, timeout=30)
    finally:
        server.shutdown()
    result = Result.parse((tmp_path / "w.out").read_text(), "1")
    assert result.answers == {"200": 6} and result.repeated == 2 and result.failed() == 2


def test_the_readme_examples_are_those_of_the_api() -> None:
    found = examples(ROOT / "README.md")
    assert len(found) >= 7 and all(each.printed for each in found)
    assert Example("echo localhost:8080 localhost:9000", "").answer(1, 2) == "127.0.0.1:1 127.0.0.1:2\n"


def test_waiting_tells_what_was_seen_last() -> None:
    def probe() -> bool:
        raise NotYet("2 of 3")

    with pytest.raises(Failed, match="a thing: not within 0 s; last seen: 2 of 3"):
        wait_until("a thing", probe, 0)
    assert wait_until("a thing", lambda: 7, 0) == 7
    for nothing in ([], None, False, ""):
        with pytest.raises(Failed):
            wait_until("a thing", lambda answer=nothing: answer, 0)


def test_edits_of_the_working_copy_must_change_something(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    copy = Repository(tmp_path, "any")
    copy.edit("a", lambda text: text + "y")
    assert (tmp_path / "a").read_text() == "xy"
    with pytest.raises(AssertionError, match="changed nothing"):
        copy.edit("a", lambda text: text)


def test_the_page_tells_what_failed() -> None:
    cases = [Case("test_01.py", "All of it", "All is there", "", "passed", 61.04, "8 | Applications"),
             Case("test_02.py", "Curl", "A line", "one", "passed", 1), Case("test_02.py", "Curl", "A line", "two", "failed", 2)]
    text = page(cases, 64.2, "v1.34.4", 1, "abc", date(2026, 11, 24))
    assert "2026-11-24, commit `abc`: Kubernetes v1.34.4, one node" in text and "2 of 3 cases passed in 1 min 4 s" in text
    assert "## All of it" in text and "| All is there | 1 | 61.0 s | 8 \\| Applications |" in text
    assert "| A line | 2 | 3.0 s | **failed** two |" in text


class Routers:
    """A kubectl that knows two routers, one of them not ready, and what they say about themselves."""

    METRICS = """# TYPE router_refused_total counter
router_refused_total{cell_id="2",reason="cell_share",} 3.0
router_refused_total{cell_id="",reason="not_found",} 0.0
router_config_stale 1.0
"""

    def list(self, *_: object) -> list[dict]:
        return [{"metadata": {"name": name, "uid": name, "labels": {}}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}
                for name, ready in (("a", "True"), ("b", "True"), ("c", "False"))]

    def raw(self, path: str) -> str:
        assert "/pods/c:" not in path
        return self.METRICS


def test_what_routers_refuse_is_summed_and_nothing_else() -> None:
    kubectl: Any = Routers()
    assert router.refusals(kubectl) == {("2", "cell_share"): 6, ("", "not_found"): 0}
    assert set(router.refusals(kubectl) - Counter({("2", "cell_share"): 2})) == {("2", "cell_share")}
    pod = kubectl.list()[0]
    assert router.metric(kubectl, pod, "router_config_stale") == 1
    assert router.metric(kubectl, pod, "router_config") is None
