"""What the audit policy writes down, by the API server's rule: the first that matches decides."""

import copy
from typing import Any

import pytest
import yaml
from offline.kustomize import ROOT

POLICY = yaml.safe_load((ROOT / "manifests/platform/audit/policy.yaml").read_text())
LEVELS = ("None", "Metadata", "Request", "RequestResponse")


def level(
    policy: Any,
    verb: str,
    resource: str,
    group: str = "",
    namespace: str = "default",
    user: str = "alice",
    groups: tuple[str, ...] = (),
) -> str:
    for rule in policy["rules"]:
        if "nonResourceURLs" in rule or not _matches(rule, verb, resource, group, namespace):
            continue
        if "users" in rule and user not in rule["users"]:
            continue
        if "userGroups" in rule and not set(groups) & set(rule["userGroups"]):
            continue
        return rule["level"]
    return "None"


def _matches(rule: Any, verb: str, resource: str, group: str, namespace: str) -> bool:
    if "verbs" in rule and verb not in rule["verbs"]:
        return False
    if "namespaces" in rule and namespace not in rule["namespaces"]:
        return False
    if "resources" not in rule:
        return True
    return any(
        r.get("group", "") == group and (not r.get("resources") or resource in r["resources"])
        for r in rule["resources"]
    )


@pytest.mark.parametrize(
    ("verb", "resource", "group", "namespace", "expected"),
    [
        ("create", "secrets", "", "cell-router", "Metadata"),
        ("update", "secrets", "", "argocd", "Metadata"),
        ("get", "secrets", "", "cell-router", "Metadata"),
        ("list", "secrets", "", "kube-system", "Metadata"),
        ("create", "serviceaccounts/token", "", "argocd", "Metadata"),
        ("create", "sealedsecrets", "bitnami.com", "cell-router", "Metadata"),
        ("create", "pods/exec", "", "cell-1", "Request"),
        ("get", "pods/portforward", "", "cell-1", "Request"),
        ("patch", "deployments", "apps", "cell-router", "Request"),
        ("delete", "networkpolicies", "networking.k8s.io", "cell-1", "RequestResponse"),
        ("create", "validatingadmissionpolicybindings", "admissionregistration.k8s.io", "", "RequestResponse"),
        ("create", "clusterrolebindings", "rbac.authorization.k8s.io", "", "RequestResponse"),
        ("update", "applications", "argoproj.io", "argocd", "RequestResponse"),
        ("delete", "pods", "", "cell-2", "Metadata"),
        ("list", "pods", "", "cell-2", "None"),
        ("update", "leases", "coordination.k8s.io", "kube-system", "None"),
    ],
)
def test_writes_down(verb: str, resource: str, group: str, namespace: str, expected: str) -> None:
    assert level(POLICY, verb, resource, group, namespace) == expected


def test_the_content_of_a_secret_is_never_written_down() -> None:
    verbs = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
    namespaces = ("default", "cell-router", "cell-1", "argocd", "traefik", "monitoring", "kube-system")
    seen = {level(POLICY, verb, "secrets", "", namespace) for verb in verbs for namespace in namespaces}
    assert seen == {"Metadata"}


@pytest.mark.parametrize("group", ["system:nodes", "system:masters", "system:serviceaccounts:kube-system"])
@pytest.mark.parametrize("user", ["system:node:one", "system:kube-scheduler", "system:kube-proxy", "system:apiserver"])
def test_whoever_reads_a_secret_leaves_a_trace(user: str, group: str) -> None:
    for verb in ("get", "list", "watch"):
        assert level(POLICY, verb, "secrets", "", "cell-router", user, (group,)) == "Metadata"
    assert level(POLICY, "create", "tokenreviews", "authentication.k8s.io", "", user, (group,)) == "Metadata"


def test_what_nodes_and_controllers_read_besides_is_not_written_down() -> None:
    assert level(POLICY, "list", "pods", "", "cell-1", "system:node:one", ("system:nodes",)) == "None"
    assert level(POLICY, "watch", "configmaps", "", "cell-1", "system:kube-proxy") == "None"


def test_a_rule_in_the_wrong_place_is_noticed() -> None:
    spoilt = copy.deepcopy(POLICY)
    spoilt["rules"].insert(0, {"level": "Request", "namespaces": ["cell-router"]})
    assert level(spoilt, "create", "secrets", "", "cell-router") == "Request"


def test_levels_are_some() -> None:
    assert POLICY["apiVersion"] == "audit.k8s.io/v1"
    assert {rule["level"] for rule in POLICY["rules"]} <= set(LEVELS)
