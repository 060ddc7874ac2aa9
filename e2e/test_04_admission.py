"""Bad pods are refused, each for its own reason; the good one they are made from is not."""

import copy
from collections.abc import Callable, Iterator

import pytest

from lib import load, pods
from lib.kubectl import Object
from lib.platform import Platform

PRODUCTION = "e2e-production"
Change = Callable[[Object], object]


def container(spec: Object) -> Object:
    return spec["containers"][0]


# What restricted Pod Security forbids.
INSECURE: dict[str, Change] = {
    "privileged": lambda spec: container(spec)["securityContext"].update(privileged=True, allowPrivilegeEscalation=True),
    "host network": lambda spec: spec.update(hostNetwork=True),
    "host path": lambda spec: spec["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
    "added capability": lambda spec: container(spec)["securityContext"].update(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
    "capabilities kept": lambda spec: container(spec)["securityContext"].pop("capabilities"),
    "privilege escalation": lambda spec: container(spec)["securityContext"].update(allowPrivilegeEscalation=True),
    "no seccomp profile": lambda spec: spec["securityContext"].pop("seccompProfile"),
    "root": lambda spec: spec["securityContext"].update(runAsUser=0),
}


def drop(group: str, resource: str) -> Change:
    return lambda spec: container(spec)["resources"][group].pop(resource)


def may_be_root(spec: Object) -> None:
    container(spec)["securityContext"].pop("runAsNonRoot")
    spec["securityContext"].pop("runAsNonRoot")


# What the project's own policies forbid, and the word of the message that says what to do.
CARELESS: dict[str, tuple[Change, str]] = {
    "latest": (lambda spec: container(spec).update(image="docker.io/curlimages/curl:latest"), "Give the image a tag other than latest"),
    "no tag": (lambda spec: container(spec).update(image="docker.io/curlimages/curl"), "Give the image a tag other than latest"),
    "no tag, registry with a port": (lambda spec: container(spec).update(image="localhost:5000/curl"), "Give the image a tag other than latest"),
    "no CPU request": (drop("requests", "cpu"), "State resources.requests.cpu"),
    "no memory request": (lambda spec: (drop("requests", "memory")(spec), drop("limits", "memory")(spec)), "State resources.requests.cpu"),
    "no memory limit": (drop("limits", "memory"), "State resources.requests.cpu"),
    "may be root": (may_be_root, "Set securityContext.runAsNonRoot to true"),
    "writable root": (lambda spec: container(spec)["securityContext"].update(readOnlyRootFilesystem=False), "Set securityContext.readOnlyRootFilesystem"),
    "root unsaid": (lambda spec: container(spec)["securityContext"].pop("readOnlyRootFilesystem"), "Set securityContext.readOnlyRootFilesystem"),
}


def pod(image: str, change: Change, namespace: str = "cell-1") -> Object:
    item = pods.client("e2e-admission", namespace, image)
    change(item["spec"])
    return item


def deployment(image: str, change: Change, namespace: str = "cell-1") -> Object:
    template = copy.deepcopy(pod(image, change, namespace))
    labels = {"app": "e2e-admission"}
    del template["spec"]["terminationGracePeriodSeconds"]
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "e2e-admission", "namespace": namespace},
            "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": template["spec"]}}}


def unchanged(spec: Object) -> None:
    pass


@pytest.mark.parametrize("namespace", ["cell-router", "cell-1", "cell-2", "cell-3"])
def test_good_pod(namespace: str, up: Platform) -> None:
    """A pod that keeps all rules is admitted, as a pod and as a template, in each namespace"""
    for item in (pod(up.settings.client_image, unchanged, namespace), deployment(up.settings.client_image, unchanged, namespace)):
        assert up.kubectl.refusal(item) is None


@pytest.mark.parametrize("case", INSECURE)
def test_pod_security(case: str, up: Platform) -> None:
    """Restricted Pod Security refuses each insecure pod"""
    refusal = up.kubectl.refusal(pod(up.settings.client_image, INSECURE[case]))
    assert refusal and 'violates PodSecurity "restricted' in refusal


@pytest.mark.parametrize("case", CARELESS)
def test_policies(case: str, up: Platform) -> None:
    """The admission policies refuse each careless Deployment, and its pod, and say what to do"""
    change, message = CARELESS[case]
    refusal = up.kubectl.refusal(deployment(up.settings.client_image, change))
    assert refusal and message in refusal
    refusal = up.kubectl.refusal(pod(up.settings.client_image, change))
    # What Pod Security and the LimitRange ask too, they ask first.
    sooner = {"may be root": "violates PodSecurity", "no memory request": "No limit is specified", "no memory limit": "No limit is specified"}
    assert refusal and sooner.get(case, message) in refusal


@pytest.fixture(scope="module")
def production(up: Platform) -> Iterator[None]:
    """A namespace that is guarded as those of overlays/production are."""
    labels = {"cell-router.io/policies": "enforced", "cell-router.io/environment": "production", **pods.OWN}
    up.kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PRODUCTION, "labels": labels}})
    yield
    up.kubectl.delete("namespace", PRODUCTION, wait=False)


def test_digests_in_production(up: Platform, production: None) -> None:
    """In production a tag is not enough, a digest is"""
    image = up.settings.client_image
    refusal = up.kubectl.refusal(deployment(image, unchanged, PRODUCTION))
    assert refusal and "In production name the image by its digest" in refusal
    digest = f"{image}@sha256:{'0' * 64}"
    assert up.kubectl.refusal(deployment(digest, unchanged, PRODUCTION)) is None


def test_other_namespaces_are_left_alone(up: Platform) -> None:
    """The policies hold for the project's namespaces only"""
    assert up.kubectl.refusal(deployment(up.settings.client_image, CARELESS["latest"][0], load.NAMESPACE)) is None


def test_quota(up: Platform) -> None:
    """A pod larger than the namespace's limit is refused"""
    refusal = up.kubectl.refusal(pod(up.settings.client_image, lambda spec: container(spec)["resources"]["limits"].update(memory="2Gi")))
    assert refusal and "maximum memory usage per Pod is 1Gi" in refusal
