"""The whole platform on the cluster: taken away, and brought in by Argo CD from a working copy."""

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from . import load, ownership, pods
from .argocd import NAMESPACE as ARGOCD
from .argocd import ArgoCD
from .command import Failed, run
from .kubectl import Kubectl, names
from .ownership import NAME, OF_THE_CLUSTER, PART
from .progress import say
from .repository import Repository
from .settings import ROOT, WORK, Settings

OVERLAY = "manifests/overlays/kind"
CLUSTER_SCOPED = ("validatingadmissionpolicybindings", "validatingadmissionpolicies")
IN_SHARED_NAMESPACES = (
    ("traefik", "gateways.gateway.networking.k8s.io"),
    ("monitoring", "prometheusrules.monitoring.coreos.com"),
    ("monitoring", "configmaps"),
)


@dataclass(frozen=True)
class Platform:
    settings: Settings
    kubectl: Kubectl
    argocd: ArgoCD
    repository: Repository
    image: str

    def next_image(self) -> str:
        return f"{self.image}-next"

    def task(self, *words: str, timeout: float = 300, more: dict[str, str] | None = None) -> str:
        """A task of the project as its user calls it, in the working copy; more is added to its environment."""
        return run(tool("task"), *words, "CLUSTER=existing", cwd=self.repository.folder, timeout=timeout, more=more)

    def new_key(self, client: str, role: str = "client") -> str:
        """As `task secrets` shows it, once."""
        said = self.task("secrets", f"ROLE={role}", f"CLIENTS={client}")
        found = re.search(rf"^ +{client} +(\S+)$", said, re.MULTILINE)
        if not found:
            raise Failed(f"task secrets shows no key: {said}")
        return found.group(1)


def tool(name: str) -> str:
    """From .tools/bin, where the project's own installation puts it, else from the PATH."""
    local = ROOT / ".tools" / "bin" / name
    return str(local) if local.is_file() else name


def start_from_scratch(settings: Settings, kubectl: Kubectl) -> None:
    """Takes away what an earlier run left; nothing before it is sure that this run can begin, and that it may."""
    if not settings.git_serve:
        raise Failed("GIT_SERVE: no command that makes a repository readable for the cluster (e2e/run --help)")
    for variable, command in (("GIT_SERVE", settings.git_serve), ("IMAGE_LOADER", settings.image_loader)):
        if command and not shutil.which(command[0]):
            raise Failed(f"{variable}: {command[0]} is no program")
    ownership.check(kubectl, settings.confirmed)
    remove(kubectl)


def remove(kubectl: Kubectl) -> None:
    """Everything that this suite or the project's bootstrap makes; what it needs of the cluster stays."""
    ownership.mark(kubectl)
    pods.remove_all(kubectl)
    if kubectl.find("crd", "applications.argoproj.io"):
        applications = names(kubectl.list("applications.argoproj.io", ARGOCD, PART))
        for name in sorted(applications, key=lambda name: name != "root"):  # the root first, else it makes the others anew
            kubectl("patch", "application.argoproj.io", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}', namespace=ARGOCD, check=False)
            kubectl.delete("application.argoproj.io", name, ARGOCD)
        kubectl("delete", "appprojects.argoproj.io", "--selector", PART, namespace=ARGOCD)
    for kind in CLUSTER_SCOPED:
        kubectl("delete", kind, "--selector", PART)
    for namespace, kind in IN_SHARED_NAMESPACES:
        kubectl("delete", kind, "--selector", PART, namespace=namespace, check=False)
    gone = [*names(kubectl.list("namespaces", labels=PART)), load.NAMESPACE]
    kubectl("delete", "namespaces", "--ignore-not-found", *[name for name in gone if name not in OF_THE_CLUSTER], timeout=180)


def build_next(image: str, name: str) -> None:
    """Another version: the same program under another label, thus another image."""
    run("docker", "build", "--quiet", "--tag", name, "--build-arg", f"IMAGE={image}", "-",
        stdin="ARG IMAGE\nFROM ${IMAGE}\nLABEL io.cellrouter.e2e=next\n", timeout=300)


def load_images(settings: Settings, *images: str) -> None:
    if not settings.image_loader:
        say("  no IMAGE_LOADER: the cluster has to pull its images")
        return
    for image in images:
        run(*settings.image_loader, image, timeout=300)


def load_stand_ins(settings: Settings) -> None:
    """A cluster beside the checkout has scripts that make what no registry can give it."""
    scripts = settings.tools / "images" if settings.tools else None
    if not scripts or not scripts.is_dir():
        return
    for script in ("nginx", "nginx-exporter", "debug"):
        run(scripts / script, timeout=300)


def serve(settings: Settings, folder: Path, name: str) -> str:
    return run(*settings.git_serve, folder, name).split()[-1]


def stop_serving() -> None:
    """Ends e2e/serve-git, which looks for this file; other commands look after themselves."""
    (WORK / "serve-git.pid").unlink(missing_ok=True)


def working_copy(settings: Settings) -> tuple[Repository, str]:
    """The project's committed state, with the repository that this cluster reads and the image to run."""
    repository = Repository.clone(ROOT, WORK / "repo", NAME)
    url = serve(settings, repository.folder, repository.name)
    run(tool("task"), "set-repo", f"URL={url}", cwd=repository.folder)
    leave_out_keys(repository)
    if settings.image:
        set_image(repository, settings.image)
    else:
        loader = {"IMAGE_LOADER": shlex.join(settings.image_loader)} if settings.image_loader else {}
        run(tool("task"), "build-app", "CLUSTER=existing", cwd=repository.folder, timeout=1200, more=loader)
    repository.commit("Deploy to the cluster of the e2e suite")
    return repository, image_in(repository)


def leave_out_keys(repository: Repository) -> None:
    """What `task secrets` put into the overlay: sealed for another cluster, and the suite switches authentication on itself."""
    file = repository.folder / OVERLAY / "router" / "kustomization.yaml"
    file.write_text(re.sub(r"^ *- \.\./\.\./\.\./components/(authentication|sealed-secrets(/\S*)?)\n", "", file.read_text(), flags=re.MULTILINE))


def image_in(repository: Repository) -> str:
    images = yaml.safe_load((repository.folder / OVERLAY / "router" / "kustomization.yaml").read_text())["images"]
    found = next(each for each in images if each["name"] == "cell-router")
    return f"{found.get('newName', 'cell-router')}:{found['newTag']}"


def set_image(repository: Repository, image: str) -> None:
    run(tool("kustomize"), "edit", "set", "image", f"cell-router={image}", cwd=repository.folder / OVERLAY / "router")
