"""The lists that rules and dashboards are checked against, held against a running router."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from metrics_used import ROOT, of_others, of_the_router, scraped

JAR = ROOT / "target" / "cell-router.jar"
LISTENING = re.compile(r"listening on port \d+, management on port (\d+)")


def missing() -> str:
    """What a router cannot be started without: the jar, and the JDK that ./build.sh test sets."""
    if not JAR.exists():
        return "target/cell-router.jar is missing: ./build.sh run makes it"
    return "" if os.environ.get("JAVA_HOME") else "JAVA_HOME is not set"


def complete(url: str) -> set[str]:
    """The page once the JVM's metrics are on it, which are not on the way to serving."""
    end = time.monotonic() + 20
    while "jvm_info" not in (names := scraped(url)) and time.monotonic() < end:
        time.sleep(0.1)
    return names


@pytest.fixture(scope="module")
def exported() -> Iterator[set[str]]:
    """The names of the samples of a router with its demo cells."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    java = str(Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    options = f"@{ROOT / 'jlink' / 'edge.options'}"
    environment = {"PATH": os.environ["PATH"], "PORT": "0", "MANAGEMENT_PORT": "0", "BIND_ADDRESS": "127.0.0.1"}
    command = [java, options, "-XX:+UseSerialGC", "-jar", str(JAR), "demo"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as router:
        assert router.stdout is not None
        try:
            port = next(found[1] for line in router.stdout if (found := LISTENING.search(line)))
            yield complete(f"http://127.0.0.1:{port}/metrics")
        finally:
            router.terminate()
            router.stdout.read()


def test_the_lists_are_what_a_router_exports(exported: set[str]) -> None:
    listed = set(of_the_router()) | {name for name in of_others() if name.startswith(("jvm_", "process_"))}
    assert listed == exported
