"""Asks the API server's own admission plugin (the Go program in ../admission) what it would refuse."""

import functools
import hashlib
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .kustomize import ROOT
from .objects import Object

SOURCE = Path(__file__).resolve().parents[1] / "admission"
POLICIES = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "Namespace")


@functools.cache
def program() -> Path:
    """Built once for its sources; the first build takes a minute or two."""
    sources = b"".join(file.read_bytes() for file in sorted(SOURCE.glob("*")))
    built = ROOT / ".tools" / "admission" / hashlib.sha256(sources).hexdigest()[:16]
    if not built.is_file():
        environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
        subprocess.run(["go", "build", "-ldflags=-s -w", "-o", built, "."], cwd=SOURCE, env=environment, check=True)
    return built


def refusals(cluster: Iterable[Object], requests: list[Object], olds: list[Object] | None = None) -> list[str]:
    """What creating each object (making it of its old one) is refused with, or an empty text. Of the cluster, its policies and namespaces count."""
    asked = {"cluster": [o for o in cluster if o["kind"] in POLICIES], "requests": requests, "olds": olds or []}
    done = subprocess.run([program()], input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(program())
