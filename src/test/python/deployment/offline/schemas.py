"""JSON schemas of Kubernetes' own kinds and of the custom ones, one self-contained file a kind, as kubeconform reads them.

Kubernetes' come from the Python package kubernetes-validate, the others from the projects' Go modules at the versions that are
deployed. Made once into .tools/schemas.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import yaml

from .kustomize import ROOT

# The oldest version that the manifests are made for, and the newest that there is.
KUBERNETES = ("1.34.0", "1.37.0")

# The operator of the chart kube-prometheus-stack 91.0.0.
PROMETHEUS_OPERATOR = "0.94.0"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """An enum of the Prometheus operator has a plain "=", which YAML 1.1 reserves and PyYAML cannot read."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def pinned(name: str) -> str:
    """A version of versions.env."""
    found = re.search(rf"{name}=([^}}]+)}}", (ROOT / "versions.env").read_text())
    assert found, f"versions.env does not pin {name}"
    return found[1]


def modules() -> dict[str, str]:
    """Go modules, at what version, and where their CRDs lie."""
    gateway = yaml.safe_load((ROOT / "argocd/apps/controllers/gateway-api.yaml").read_text())["spec"]["source"][
        "targetRevision"
    ]
    return {
        f"sigs.k8s.io/gateway-api@{gateway}": "config/crd/standard",
        f"github.com/prometheus-operator/prometheus-operator@v{PROMETHEUS_OPERATOR}": "example/prometheus-operator-crd",
        f"github.com/argoproj/argo-cd/v3@v{pinned('ARGOCD_VERSION')}": "manifests/crds",
        f"github.com/bitnami-labs/sealed-secrets@v{pinned('KUBESEAL_VERSION')}": "helm/sealed-secrets/crds",
    }


def folder(kubernetes: str) -> Path:
    """The schemas for a version of Kubernetes, with those of the custom kinds beside them."""
    pins = "-".join([metadata.version("kubernetes-validate"), *(m.rpartition("@v")[2] for m in modules())])
    made = ROOT / ".tools" / "schemas" / f"{kubernetes}-{pins}"
    if not made.is_dir():
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as work:
            fresh = Path(work) / "schemas"
            fresh.mkdir()
            for name, schema in [*_kubernetes(kubernetes), *_custom()]:
                (fresh / name).write_text(json.dumps(schema))
            fresh.rename(made)
    return made


def _kubernetes(version: str) -> Iterator[tuple[str, Any]]:
    source = resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}-local-strict"
    definitions = json.loads((source / "_definitions.json").read_text())["$defs"]
    for file in source.iterdir():
        schema = json.loads(file.read_text()) if not file.name.startswith(("_", "all")) else {}
        if "kind" in schema.get("properties", {}):
            yield file.name, _whole(schema, definitions)


def _whole(schema: Any, definitions: dict[str, Any]) -> Any:
    """With everything that it refers to, directly or not, inside."""
    wanted, found = _references(schema), {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = definitions[name]
            wanted |= _references(definitions[name])
    text = json.dumps({key: value for key, value in schema.items() if key != "$id"} | {"$defs": found})
    return json.loads(text.replace('"/api/_definitions.json#/$defs/', '"#/$defs/'))


def _references(schema: Any) -> set[str]:
    return set(re.findall(r'"(?:/api/_definitions\.json)?#/\$defs/([^"]+)"', json.dumps(schema)))


def _custom() -> Iterator[tuple[str, Any]]:
    for module, within in modules().items():
        answer = subprocess.run(
            ["go", "mod", "download", "-json", module], cwd="/", capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            raise RuntimeError(f"go mod download {module}: {answer.stdout or answer.stderr}")
        for file in sorted((Path(json.loads(answer.stdout)["Dir"]) / within).glob("*.yaml")):
            for crd in yaml.load_all(file.read_text(), Loader=_Loader):
                if crd and crd.get("kind") == "CustomResourceDefinition":
                    yield from _versions(crd["spec"])


def _versions(spec: Any) -> Iterator[tuple[str, Any]]:
    for version in spec["versions"]:
        schema = _closed(version["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = {"type": "object"}
        yield f"{spec['names']['kind'].lower()}-{spec['group'].split('.')[0]}-{version['name']}.json", schema


def _closed(schema: Any) -> Any:
    """Unknown members are refused, as `kubectl apply` with strict field validation does, where the CRD does not keep them."""
    if isinstance(schema, list):
        return [_closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    keeps = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict) and not keeps:
        closed["additionalProperties"] = False
        if schema.get("x-kubernetes-embedded-resource"):
            closed["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {}}
    return closed


def main() -> None:
    """Makes what is missing, so that a build shows the time it takes."""
    for version in KUBERNETES:
        print(folder(version))


if __name__ == "__main__":
    main()
