"""Starts a router and holds what both its listeners answer against its own /openapi.json.

Two things are checked: that the description is valid OpenAPI, and, by Schemathesis, that no
generated request (with a fixed seed) gets an answer the description does not have. The last line
printed is "N passed, N failed"; the exit code is 0 when nothing failed.

usage: contract_fuzz.py WORK_FOLDER START_COMMAND...
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from openapi_spec_validator import validate

MAX_EXAMPLES = 60
SEED = 1
ADMIN_KEY = "fuzz"
# The tag of what only the management listener serves.
MANAGEMENT = "management"
START_SECONDS = 60
RUN_SECONDS = 300
# Left out: positive_data_acceptance (an unknown cell is valid by its schema, and refused all the
# same) and what needs authentication, links between operations or stored resources.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
]


def start(command, log_path):
    """Starts the router on free ports; returns its process."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NGINX_")}
    environment.update(PORT="0", MANAGEMENT_PORT="0", BIND_ADDRESS="127.0.0.1", LOG_LEVEL="INFO")
    environment.update(ADMIN_KEYS_JSON=json.dumps({ADMIN_KEY: "fuzz"}))
    with open(log_path, "wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)


def ports_of(process, log_path):
    """The public and the management port, from the log line that names them."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in log_path.read_text(errors="replace").splitlines():
            if '"message":"listening on port ' in line:
                return re.findall(r"port (\d+)", json.loads(line)["message"])
        time.sleep(0.1)
    sys.exit(f"the router did not start:\n{log_path.read_text(errors='replace')}")


def is_valid(url):
    """Whether the description is OpenAPI as its version demands."""
    with urllib.request.urlopen(url + "/openapi.json", timeout=10) as answer:
        description = json.load(answer)
    try:
        validate(description)
    except Exception as problem:  # The library has no common class for its findings.
        print(f"openapi.json is not valid: {problem}")
        return False
    print(f"openapi.json is valid OpenAPI {description['openapi']}")
    return True


def fuzz(name, description, url, work, *options):
    """Runs Schemathesis against one listener; returns passed and failed scenarios."""
    report = work / f"schemathesis-{name}.xml"
    report.unlink(missing_ok=True)
    environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", NO_PROXY="127.0.0.1")
    environment["PYTHONPATH"] = str(Path(__file__).parent)
    code = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"),
            f"--config-file={Path(__file__).with_name('schemathesis.toml')}",
            "run",
            description,
            "--url=" + url,
            "--checks=" + ",".join(CHECKS),
            f"--max-examples={MAX_EXAMPLES}",
            f"--seed={SEED}",
            "--continue-on-failure",
            "--generation-database=none",
            "--request-timeout=20",
            "--no-color",
            "--report=junit",
            f"--report-junit-path={report}",
            *options,
        ],
        env=environment,
        cwd=work,
        timeout=RUN_SECONDS,
    ).returncode
    cases = list(ElementTree.parse(report).iter("testcase"))
    bad = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    good = sum(1 for case in cases if len(case.findall("skipped")) == 0) - bad
    if code != 0 and bad == 0:
        bad = 1  # It failed without blaming a test.
    return good, bad


def main():
    if len(sys.argv) < 3 or "--help" in sys.argv[1:2]:
        sys.exit(__doc__)
    work = Path(sys.argv[1]).resolve()
    work.mkdir(parents=True, exist_ok=True)
    log_path = work / "router.log"
    process = start(sys.argv[2:], log_path)
    try:
        url, management = (f"http://127.0.0.1:{port}" for port in ports_of(process, log_path))
        valid = is_valid(url)
        description = url + "/openapi.json"
        passed, failed = fuzz("public", description, url, work, f"--exclude-tag={MANAGEMENT}")
        # Afterwards: it switches cells off.
        more = fuzz(
            MANAGEMENT,
            description,
            management,
            work,
            f"--include-tag={MANAGEMENT}",
            f"--header=X-API-Key: {ADMIN_KEY}",
        )
        passed, failed = passed + more[0], failed + more[1]
        if process.poll() is not None:
            print(f"the router ended with {process.returncode}, see {log_path}")
            failed += 1
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
    passed, failed = (passed + 1, failed) if valid else (passed, failed + 1)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or passed < 2 else 0)


if __name__ == "__main__":
    main()
