"""Whose platform a cluster has: the suite takes its own away without asking, another one only with CONFIRM=yes."""

from .argocd import NAMESPACE as ARGOCD
from .command import Failed
from .kubectl import Kubectl, Object, names

PART = "app.kubernetes.io/part-of=cell-router"
NAME = "cell-router-e2e"  # of the repository, and of the namespace for load
LEAVING = f"{NAME}/leaving"  # on namespaces that the suite had begun to take away
OF_THE_CLUSTER = ("traefik", "monitoring", ARGOCD)


def check(kubectl: Kubectl, confirmed: bool) -> None:
    """Refuses to go on when the cluster has a platform that is not the suite's."""
    found = strangers(kubectl)
    if found and not confirmed:
        raise Failed(f"this cluster has a platform that the suite did not make: {'; '.join(found)}. The suite starts by taking all of it away, "
                     "data included; nothing was touched. If that is wanted: CONFIRM=yes")


def strangers(kubectl: Kubectl) -> list[str]:
    """A root of another repository; without a root, Applications of other repositories and namespaces that no run had begun to take away."""
    applications = []
    if kubectl.find("crd", "applications.argoproj.io"):
        root = kubectl.find("applications.argoproj.io", "root", ARGOCD)
        if root:
            return [] if is_own(root) else [described(root)]
        applications = kubectl.list("applications.argoproj.io", ARGOCD, PART)
    return [described(each) for each in applications if not is_own(each)] + [
        f"namespace {each['metadata']['name']}" for each in platform_namespaces(kubectl) if LEAVING not in each["metadata"].get("annotations", {})]


def mark(kubectl: Kubectl) -> None:
    """Before anything is taken away: a run that is ended between root and namespaces leaves what the next one knows as its own."""
    found = names(platform_namespaces(kubectl))
    if found:
        kubectl("annotate", "namespaces", *found, f"{LEAVING}=true", "--overwrite", check=False)


def platform_namespaces(kubectl: Kubectl) -> list[Object]:
    return [each for each in kubectl.list("namespaces", labels=PART) if each["metadata"]["name"] not in (*OF_THE_CLUSTER, NAME)]


def repositories(application: Object) -> list[str]:
    spec = application["spec"]
    return [each.get("repoURL", "") for each in spec.get("sources") or [spec.get("source", {})]]


def is_own(application: Object) -> bool:
    return all(url.rstrip("/").removesuffix(".git").rpartition("/")[2] == NAME for url in repositories(application))


def described(application: Object) -> str:
    return f"Application {application['metadata']['name']} of {', '.join(repositories(application))}"
