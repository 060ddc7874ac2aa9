"""What is pinned in two places is pinned to the same, and nothing follows whatever is newest."""

import re

import pytest
from offline.kustomize import ROOT
from offline.objects import pods_of
from offline.platform import load
from offline.repository import files, texts
from offline.schemas import modules, pinned

# Where another version of a tool comes from than versions.env, by the module's path in go.mod.
TOOLS = {
    "KUSTOMIZE_VERSION": ("kustomize", "sigs.k8s.io/kustomize/kustomize/v5"),
    "KUBECONFORM_VERSION": ("kubeconform", "github.com/yannh/kubeconform"),
    "KUBE_SCORE_VERSION": ("kube-score", "github.com/zegl/kube-score"),
    "ACTIONLINT_VERSION": ("actionlint", "github.com/rhysd/actionlint"),
    "TASK_VERSION": ("task", "github.com/go-task/task/v3"),
    "KIND_VERSION": ("kind", "sigs.k8s.io/kind"),
    "HELM_VERSION": ("helm", "helm.sh/helm/v4"),
    "KUBESEAL_VERSION": ("kubeseal", "github.com/bitnami/sealed-secrets"),
    "YQ_VERSION": ("yq", "github.com/mikefarah/yq/v4"),
    "TOXIPROXY_VERSION": ("toxiproxy", "github.com/Shopify/toxiproxy/v2"),
}


@pytest.mark.parametrize("variable", TOOLS)
def test_a_tool_is_built_in_the_version_that_is_downloaded(variable: str) -> None:
    folder, module = TOOLS[variable]
    text = (ROOT / "scripts/tools" / folder / "go.mod").read_text()
    assert re.findall(rf"^(?:require )?\s*{re.escape(module)} v(\S+)", text, re.MULTILINE) == [pinned(variable)]


def test_every_tool_that_is_built_is_compared() -> None:
    built = {file.parent.name for file in files() if file.name == "go.mod" and file.parent.parent.name == "tools"}
    assert {folder for folder, _ in TOOLS.values()} | {"kubectl"} == built


def test_argo_cd_is_installed_in_the_version_of_its_command() -> None:
    text = (ROOT / "argocd/install/base/kustomization.yaml").read_text()
    assert re.findall(r"argo-cd/v([\d.]+)/manifests", text) == [pinned("ARGOCD_VERSION")]


def test_schemas_are_those_of_what_is_deployed() -> None:
    assert all(re.search(r"@v\d+\.\d+\.\d+$", module) for module in modules())


def test_base_images_have_one_pin() -> None:
    text = (ROOT / "Dockerfile").read_text()
    for argument in ("JDK_IMAGE", "MAVEN_IMAGE", "RUNTIME_IMAGE"):
        assert re.findall(rf"^ARG {argument}=(\S+)$", text, re.MULTILINE) == [pinned(argument)]
        digest = (
            pinned(f"{argument}_DIGEST") if f"{argument}_DIGEST=}}" not in (ROOT / "versions.env").read_text() else ""
        )
        assert re.fullmatch(r"(sha256:[0-9a-f]{64})?", digest)


def test_a_cell_is_the_same_everywhere() -> None:
    kind, production = (images("cell", environment) for environment in ("kind", "production"))
    assert kind == production != set()


def images(component: str, environment: str) -> set[str]:
    pods = [pods_of(o) for o in load(environment).of("Deployment")]
    found = {
        c["image"] for p in pods if p and p.labels["app.kubernetes.io/component"] == component for c in p.containers()
    }
    return {image.partition("@")[0] for image in found}


def test_the_routers_tag_is_a_commit_or_says_that_none_was_built() -> None:
    """Never a tag that is built again: the old image would go on running under the new one's name."""
    [image] = images("router", "kind")
    assert re.fullmatch(r"cell-router:([0-9a-f]{12}|unbuilt)", image)


def test_nothing_takes_whatever_is_newest() -> None:
    moving = re.compile(
        r"(?:image|FROM|uses)\S*[:=]?\s+\S+:(latest|main|master)\b|releases/latest/|/(?:main|master|HEAD)/manifests/|@(?:main|master|latest)\b"
    )
    for path, text in texts(".yaml", ".yml", ".sh", "Dockerfile", "Makefile", ".env").items():
        if "/tests/" not in path and not path.endswith(("-test.sh",)):
            assert not (found := moving.search(text)), f"{path}: {found and found[0]}"


def test_scripts_that_are_named_exist() -> None:
    """A message that tells somebody to run a script, a comment that refers to one."""
    missing = {}
    for path, text in texts(".yaml", ".yml", ".sh", ".md", ".env", "Makefile", "build.sh", "run", ".py").items():
        for named in re.findall(r"(?<![\w./-])(scripts/[\w-]+\.(?:sh|py))\b", text):
            if not (ROOT / named).is_file():
                missing.setdefault(named, []).append(path)
    assert missing == {}
