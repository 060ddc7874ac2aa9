"""The admission policies refuse what they should, tell what to do, and let everything of ours pass."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from offline.admission import refusals
from offline.objects import Object, name, namespace, pods_of
from offline.platform import ENVIRONMENTS, load

DIGEST = "@sha256:" + "0123456789abcdef" * 4
KINDS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")


def good() -> Object:
    """A pod's spec that breaks no rule."""
    return {
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1001, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "one",
                "image": "registry.example.com:5000/team/app:1.2.3",
                "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "32Mi"}},
                "securityContext": {
                    "readOnlyRootFilesystem": True,
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    }


def made_by(kind: str, spec: Object, within: str = "cell-router") -> Object:
    metadata = {"name": "tried", "namespace": within}
    template = {"metadata": {"labels": {"app": "tried"}}, "spec": spec}
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    if kind == "CronJob":
        jobs = {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": jobs}
    workload: Object = {"template": template} | (
        {} if kind == "Job" else {"selector": {"matchLabels": {"app": "tried"}}}
    )
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": workload,
    }


def one(spec: Object) -> Object:
    return spec["containers"][0]


def second(spec: Object, list_name: str = "containers", **changes: Any) -> None:
    another = copy.deepcopy(one(spec)) | {"name": "two"} | changes
    spec.setdefault(list_name, []).append(another)


# What is wrong, and the policy that says so.
BAD: dict[str, tuple[str, Callable[[Object], Any]]] = {
    "latest": ("images-tagged", lambda s: one(s).update(image="nginx:latest")),
    "no tag": ("images-tagged", lambda s: one(s).update(image="nginx")),
    "no tag behind a port": ("images-tagged", lambda s: one(s).update(image="registry.example.com:5000/nginx")),
    "a second container with latest": ("images-tagged", lambda s: second(s, image="nginx:latest")),
    "an init container with latest": ("images-tagged", lambda s: second(s, "initContainers", image="nginx:latest")),
    "no resources": ("resources-stated", lambda s: one(s).pop("resources")),
    "no request for CPU": ("resources-stated", lambda s: one(s)["resources"]["requests"].pop("cpu")),
    "no request for memory": ("resources-stated", lambda s: one(s)["resources"]["requests"].pop("memory")),
    "no limit of memory": ("resources-stated", lambda s: one(s)["resources"]["limits"].pop("memory")),
    "a second container without": ("resources-stated", lambda s: second(s, resources={})),
    "maybe root": ("non-root", lambda s: s["securityContext"].pop("runAsNonRoot")),
    "root": ("non-root", lambda s: one(s)["securityContext"].update(runAsUser=0)),
    "root for the pod": ("non-root", lambda s: s["securityContext"].update(runAsUser=0)),
    "the container may be root": ("non-root", lambda s: one(s)["securityContext"].update(runAsNonRoot=False)),
    "a writable root": ("read-only-root", lambda s: one(s)["securityContext"].update(readOnlyRootFilesystem=False)),
    "a root that is writable by default": (
        "read-only-root",
        lambda s: one(s)["securityContext"].pop("readOnlyRootFilesystem"),
    ),
    "no security context": ("read-only-root", lambda s: one(s).pop("securityContext")),
    "an init container with a writable root": (
        "read-only-root",
        lambda s: second(s, "initContainers", securityContext={}),
    ),
}


@pytest.mark.parametrize("defect", BAD)
def test_a_bad_pod_is_refused_however_it_is_made(defect: str) -> None:
    policy, spoil = BAD[defect]
    requests = []
    for kind in KINDS:
        spec = good()
        spoil(spec)
        requests.append(made_by(kind, spec))
    for kind, refused in zip(KINDS, refusals(load("kind").objects, requests), strict=True):
        assert f"'cell-router-{policy}'" in refused, f"{kind} with {defect}: {refused or 'admitted'}"


def test_the_refusal_names_the_container_and_its_image() -> None:
    spec = good()
    second(spec, image="nginx:latest")
    [refused] = refusals(load("kind").objects, [made_by("Pod", spec)])
    assert "two (nginx:latest)" in refused
    assert "one (" not in refused


def test_a_good_pod_is_admitted_however_it_is_made() -> None:
    assert refusals(load("kind").objects, [made_by(kind, good()) for kind in KINDS]) == [""] * len(KINDS)


def test_what_is_there_already_can_be_scaled_and_let_go() -> None:
    """A change beside the pod's spec passes, whatever the spec: only what would make other pods is asked about."""
    spec = good()
    one(spec)["image"] = "nginx:latest"
    olds = [made_by(kind, spec) for kind in KINDS]
    scaled = copy.deepcopy(olds)
    for it in scaled:
        it["metadata"]["labels"] = {"seen": "yes"}
        if it["kind"] in ("Deployment", "StatefulSet", "ReplicaSet"):
            it["spec"]["replicas"] = 0
    assert refusals(load("kind").objects, scaled, olds) == [""] * len(KINDS)


def test_a_change_of_the_pod_spec_is_asked_about() -> None:
    worse = good()
    one(worse)["image"] = "nginx:latest"
    other = copy.deepcopy(worse)
    one(other)["image"] = "nginx"
    for old in (good(), other):
        changed = [made_by(kind, worse) for kind in KINDS]
        answers = refusals(load("kind").objects, changed, [made_by(kind, old) for kind in KINDS])
        assert all("'cell-router-images-tagged'" in answer for answer in answers), answers
    mended = refusals(load("kind").objects, [made_by(kind, good()) for kind in KINDS], [made_by(kind, worse) for kind in KINDS])
    assert mended == [""] * len(KINDS)


def test_production_asks_for_digests() -> None:
    pinned = good()
    one(pinned)["image"] += DIGEST
    short = good()
    one(short)["image"] += DIGEST[:-1]
    requests = [made_by(kind, spec) for kind in KINDS for spec in (good(), short, pinned)]
    answers = refusals(load("production").objects, requests)
    assert all("'cell-router-images-by-digest'" in answer for answer in answers[0::3] + answers[1::3])
    assert set(answers[2::3]) == {""}


def test_other_namespaces_are_left_alone() -> None:
    spec = good()
    for _, spoil in BAD.values():
        try:
            spoil(spec)
        except KeyError:
            continue
    others = [made_by("Deployment", spec, within) for within in ("traefik", "monitoring")]
    others.append(made_by("Deployment", spec, "cell-2"))
    *left_alone, guarded = refusals(load("kind").objects, others)
    assert left_alone == ["", ""]
    assert guarded


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_of_ours_is_admitted(environment: str) -> None:
    platform = load(environment)
    requests = [o for o in platform.objects if o["kind"] not in ("Namespace",) and namespace(o)]
    for o, refused in zip(requests, refusals(platform.objects, requests), strict=True):
        unpinned = [c["image"] for c in pods.containers() if "@" not in c["image"]] if (pods := pods_of(o)) else []
        if environment == "production" and unpinned:
            # Digests come from the registry at release time; until then nothing may deploy by mistake.
            assert "'cell-router-images-by-digest'" in refused
            for container in pods.containers():
                container["image"] = container["image"].partition("@")[0] + DIGEST
            [refused] = refusals(platform.objects, [o])
        assert refused == "", f"{o['kind']} {name(o)}"


def test_every_policy_is_bound_denies_and_fails_closed() -> None:
    platform = load("kind")
    bound = {b["spec"]["policyName"]: b["spec"] for b in platform.of("ValidatingAdmissionPolicyBinding")}
    policies = platform.of("ValidatingAdmissionPolicy")
    assert {name(p) for p in policies} == set(bound)
    assert {f"cell-router-{policy}" for policy, _ in BAD.values()} | {"cell-router-images-by-digest"} == set(bound)
    for policy in policies:
        assert policy["spec"]["failurePolicy"] == "Fail"
        assert bound[name(policy)]["validationActions"] == ["Deny"]
        assert all(v.get("message") for v in policy["spec"]["validations"])
