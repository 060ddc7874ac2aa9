"""What a failed test leaves in target/e2e-reports: objects, events, logs."""

import re
from pathlib import Path

from .command import Failed, run
from .settings import REPORTS

NAMESPACES = ("cell-router", "cell-1", "cell-2", "cell-3", "cell-router-e2e")
OVERALL = (
    ("get", "applications.argoproj.io", "--namespace", "argocd", "-o", "wide"),
    ("get", "applications.argoproj.io", "--namespace", "argocd", "-o", "yaml"),
    ("get", "pods", "--all-namespaces", "-o", "wide"),
    ("get", "events", "--all-namespaces", "--sort-by=.lastTimestamp"),
    ("get", "gateways.gateway.networking.k8s.io,httproutes.gateway.networking.k8s.io", "--all-namespaces", "-o", "yaml"),
    ("top", "pods", "--all-namespaces"),
)
IN_EACH = (
    ("get", "deployments,replicasets,services,endpointslices,hpa,pdb,networkpolicies,configmaps", "-o", "wide"),
    ("describe", "deployments,hpa,pdb"),
    ("describe", "pods"),
    ("logs", "--selector", "app.kubernetes.io/part-of=cell-router", "--all-containers", "--prefix", "--tail=300", "--max-log-requests=20"),
)


def collect(test: str) -> Path:
    folder = REPORTS / re.sub(r"[^\w.-]+", "-", test).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    for number, words in enumerate(OVERALL):
        write(folder / f"cluster-{number}-{words[0]}-{words[1].split('.')[0].split(',')[0]}.txt", *words)
    for namespace in NAMESPACES:
        for words in IN_EACH:
            write(folder / f"{namespace}-{words[0]}-{words[1].split(',')[0].strip('-')}.txt", "--namespace", namespace, *words)
    return folder


def write(file: Path, *words: str) -> None:
    try:
        text = run("kubectl", *words, timeout=30)
    except Failed as problem:
        text = str(problem)
    file.write_text(f"$ kubectl {' '.join(words)}\n{text}")
