"""scripts/install-dependencies.sh and pin-tools.sh against a web server of our own that plays the vendors."""

import hashlib
import io
import re
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from workspace import ROOT, Ran, link_everyday_tools

PLATFORM = ("linux", "amd64")
UNAME = '#!/bin/sh\ncase "$1" in -s) echo "${UNAME_S:-Linux}" ;; -m) echo "${UNAME_M:-x86_64}" ;; *) echo Linux ;; esac\n'
GO = '#!/bin/sh\nwhile [ $# -gt 0 ]; do if [ "$1" = -o ]; then printf "#!/bin/sh\\necho by go\\n" >"$2"; chmod 755 "$2"; fi; shift; done\n'
VERSIONS = {key: value for key, value in re.findall(r'^: "\$\{(\w+)_VERSION=([^}]+)}"', (ROOT / "versions.env").read_text(), re.M)}


def archive(member: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(member)
        info.size, info.mode = len(content), 0o755
        tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def binary(tool: str) -> bytes:
    return f"#!/bin/sh\necho {tool} of the vendor\n".encode()


@dataclass
class Vendors:
    """What is published, by path; `asked` is what was requested."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def publish(self, tool: str, os: str = "linux", arch: str = "amd64") -> str:
        """As the vendor lays it out; gives the path of the download."""
        v = VERSIONS[tool.upper().replace("-", "_")]
        github = "github.com"
        file, sums, member = {
            "kubectl": (f"dl.k8s.io/release/v{v}/bin/{os}/{arch}/kubectl", "{file}.sha256", ""),
            "helm": (f"get.helm.sh/helm-v{v}-{os}-{arch}.tar.gz", "{file}.sha256sum", f"{os}-{arch}/helm"),
            "kind": (f"{github}/kubernetes-sigs/kind/releases/download/v{v}/kind-{os}-{arch}", "{file}.sha256sum", ""),
            "task": (f"{github}/go-task/task/releases/download/v{v}/task_{os}_{arch}.tar.gz", "{folder}/task_checksums.txt", "task"),
            "kustomize": (f"{github}/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv{v}/kustomize_v{v}_{os}_{arch}.tar.gz",
                          "{folder}/checksums.txt", "kustomize"),
            "argocd": (f"{github}/argoproj/argo-cd/releases/download/v{v}/argocd-{os}-{arch}", "{folder}/cli_checksums.txt", ""),
            "kubeseal": (f"{github}/bitnami-labs/sealed-secrets/releases/download/v{v}/kubeseal-{v}-{os}-{arch}.tar.gz",
                         f"{{folder}}/sealed-secrets_{v}_checksums.txt", "kubeseal"),
            "yq": (f"{github}/mikefarah/yq/releases/download/v{v}/yq_{os}_{arch}", "{folder}/checksums-bsd", ""),
            "kubeconform": (f"{github}/yannh/kubeconform/releases/download/v{v}/kubeconform-{os}-{arch}.tar.gz", "{folder}/CHECKSUMS",
                            "kubeconform"),
            "kube-score": (f"{github}/zegl/kube-score/releases/download/v{v}/kube-score_{v}_{os}_{arch}.tar.gz",
                           "{folder}/checksums.txt", "kube-score"),
            "actionlint": (f"{github}/rhysd/actionlint/releases/download/v{v}/actionlint_{v}_{os}_{arch}.tar.gz",
                           f"{{folder}}/actionlint_{v}_checksums.txt", "actionlint"),
            "toxiproxy": (f"{github}/Shopify/toxiproxy/releases/download/v{v}/toxiproxy-server-{os}-{arch}", "{folder}/checksums.txt", ""),
        }[tool]
        folder, name = file.rsplit("/", 1)
        self.files[file] = archive(member, binary(tool)) if member else binary(tool)
        digest = hashlib.sha256(self.files[file]).hexdigest()
        line = {"kubectl": digest, "yq": f"MD5 ({name}) = {digest[:32]}\nSHA256 ({name}) = {digest}\nSHA3-256 ({name}) = {'0' * 64}\n"}
        path = sums.format(file=file, folder=folder)
        self.files[path] = self.files.get(path, b"") + line.get(tool, f"{digest}  {name}\n").encode()
        return file


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    published = Vendors()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            published.asked.append(path)
            body = published.files.get(path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    published.url = f"http://127.0.0.1:{server.server_port}"
    yield published
    server.shutdown()
    server.server_close()


@dataclass
class Machine:
    folder: Path
    mirror: str

    def __post_init__(self) -> None:
        link_everyday_tools(self.folder / "path")
        (self.folder / "path" / "uname").unlink()
        self.program("uname", UNAME)

    def program(self, name: str, text: str) -> None:
        file = self.folder / "path" / name
        file.write_text(text)
        file.chmod(0o755)

    @property
    def bin(self) -> Path:
        return self.folder / "tools" / "bin"

    def run(self, script: str, *arguments: str, **environment: str) -> Ran:
        # Nothing is pinned unless a test pins it: the vendors' own checksums are tested with files that we made up.
        unpinned = {name: "" for name in re.findall(r"\w+_SHA256_\w+", (ROOT / "versions.env").read_text())}
        done = subprocess.run([ROOT / "scripts" / script, *arguments], capture_output=True, text=True, timeout=60, env={
            "PATH": str(self.folder / "path"), "TOOLS_BIN": str(self.bin), "TOOLS_MIRROR": self.mirror, **unpinned, **environment})
        return Ran(done.returncode, done.stdout, done.stderr)

    def install(self, *arguments: str, **environment: str) -> Ran:
        return self.run("install-dependencies.sh", *arguments, **environment)

    def says(self, tool: str) -> str:
        file = self.bin / tool
        return subprocess.run([file], capture_output=True, text=True, check=True).stdout.strip() if file.exists() else "not there"


@pytest.fixture
def machine(tmp_path: Path, vendors: Vendors) -> Machine:
    return Machine(tmp_path, vendors.url)


TOOLS = ("kubectl", "helm", "kind", "task", "kustomize", "argocd", "kubeseal", "yq", "kubeconform", "kube-score", "actionlint",
         "toxiproxy")


@pytest.mark.parametrize("tool", TOOLS)
def test_downloads_each_tool_and_holds_it_against_the_vendors_checksum(tool: str, machine: Machine, vendors: Vendors) -> None:
    vendors.publish(tool)
    ran = machine.install(tool)
    assert (ran.status, machine.says(tool)) == (0, f"{tool} of the vendor"), ran.text
    assert "downloaded, the vendor's checksum holds" in ran.out


@pytest.mark.parametrize("system, machine_name, os, arch", [
    ("Linux", "aarch64", "linux", "arm64"), ("Darwin", "x86_64", "darwin", "amd64"), ("Darwin", "arm64", "darwin", "arm64")])
def test_takes_the_file_of_the_platform(system: str, machine_name: str, os: str, arch: str, machine: Machine, vendors: Vendors) -> None:
    file = vendors.publish("helm", os, arch)
    ran = machine.install("helm", UNAME_S=system, UNAME_M=machine_name)
    assert (ran.status, machine.says("helm")) == (0, "helm of the vendor"), ran.text
    assert file in vendors.asked


def test_installs_all_of_the_platform_without_arguments(machine: Machine, vendors: Vendors) -> None:
    for tool in TOOLS[:8]:
        vendors.publish(tool)
    ran = machine.install()
    assert ran.status == 0, ran.text
    assert sorted(file.name for file in machine.bin.iterdir()) == sorted(TOOLS[:8])


def test_does_nothing_the_second_time(machine: Machine, vendors: Vendors) -> None:
    vendors.publish("kind")
    machine.install("kind")
    vendors.asked.clear()
    ran = machine.install("kind")
    assert (ran.status, vendors.asked) == (0, [])
    assert ran.out == f"kind {VERSIONS['KIND']}: already there\n"


def test_installs_another_version_over_it(machine: Machine, vendors: Vendors) -> None:
    file = vendors.publish("kind")
    machine.install("kind")
    vendors.files = {path.replace(VERSIONS["KIND"], "9.9.9"): body for path, body in vendors.files.items()}
    ran = machine.install("kind", KIND_VERSION="9.9.9")
    assert ran.status == 0, ran.text
    assert file.replace(VERSIONS["KIND"], "9.9.9") in vendors.asked


def test_a_pinned_checksum_needs_no_other(machine: Machine, vendors: Vendors) -> None:
    file = vendors.publish("kubectl")
    del vendors.files[file + ".sha256"]
    ran = machine.install("kubectl", KUBECTL_SHA256_linux_amd64=hashlib.sha256(vendors.files[file]).hexdigest())
    assert (ran.status, machine.says("kubectl")) == (0, "kubectl of the vendor"), ran.text
    assert "the pinned checksum holds" in ran.out


@pytest.mark.parametrize("damage", ["another file", "cut short", "another published sum", "another pinned sum"])
def test_refuses_what_is_not_what_was_published_and_does_not_build_around_it(damage: str, machine: Machine, vendors: Vendors) -> None:
    file = vendors.publish("kubectl")
    machine.program("go", GO)
    pins = {}
    match damage:
        case "another file": vendors.files[file] += b"x"
        case "cut short": vendors.files[file] = vendors.files[file][:-3]
        case "another published sum": vendors.files[file + ".sha256"] = b"0" * 64
        case "another pinned sum": pins = {"KUBECTL_SHA256_linux_amd64": "0" * 64}
    ran = machine.install("kubectl", **pins)
    assert (ran.status, machine.says("kubectl")) == (1, "not there"), ran.text
    assert "nothing was installed" in ran.err and "not installed: kubectl" in ran.err
    assert list(machine.bin.iterdir()) == []


@pytest.mark.parametrize("missing", ["file", "sums", "name in sums"])
def test_builds_with_go_what_cannot_be_downloaded(missing: str, machine: Machine, vendors: Vendors) -> None:
    file = vendors.publish("kind")
    match missing:
        case "file": del vendors.files[file]
        case "sums": del vendors.files[file + ".sha256sum"]
        case "name in sums": vendors.files[file + ".sha256sum"] = b"0" * 64 + b"  kind-plan9-mips\n"
    machine.program("go", GO)
    ran = machine.install("kind")
    assert (ran.status, machine.says("kind")) == (0, "by go"), ran.text
    assert "built with Go from its module" in ran.out


def test_builds_without_a_network(machine: Machine) -> None:
    machine.program("go", GO)
    ran = machine.install("kind", TOOLS_MIRROR="http://127.0.0.1:1")
    assert (ran.status, machine.says("kind")) == (0, "by go"), ran.text


def test_says_both_reasons_when_neither_works_and_installs_the_others(machine: Machine, vendors: Vendors) -> None:
    vendors.publish("helm")
    ran = machine.install("kind", "argocd", "helm")
    assert (ran.status, machine.says("helm")) == (1, "helm of the vendor"), ran.text
    assert "kind" in ran.err and "could not fetch" in ran.err and "there is no Go" in ran.err
    assert "argocd" in ran.err and "it cannot be built with Go" in ran.err
    assert "not installed: kind argocd." in ran.err


def test_an_archive_without_the_binary_is_no_success(machine: Machine, vendors: Vendors) -> None:
    file = vendors.publish("helm")
    vendors.files[file] = archive("README", b"")
    vendors.files[file + ".sha256sum"] = f"{hashlib.sha256(vendors.files[file]).hexdigest()}  {file.rsplit('/')[-1]}".encode()
    ran = machine.install("helm", "--from", "download")
    assert (ran.status, machine.says("helm")) == (1, "not there")
    assert "no linux-amd64/helm in" in ran.err


def test_a_failed_build_is_said_with_its_last_line(machine: Machine) -> None:
    machine.program("go", "#!/bin/sh\necho something else\necho no such module >&2\nexit 1\n")
    ran = machine.install("kind", "--from", "go")
    assert (ran.status, machine.says("kind")) == (1, "not there")
    assert "go build failed: no such module" in ran.err


def test_the_tools_of_the_tests_are_built_first_and_downloaded_else(machine: Machine, vendors: Vendors) -> None:
    for tool in TOOLS:
        vendors.publish(tool)
    machine.program("go", GO)
    assert machine.install("--for-tests").status == 0
    assert (machine.says("actionlint"), machine.says("kubectl"), vendors.asked) == ("by go", "not there", [])


def test_downloads_the_tools_of_the_tests_without_go(machine: Machine, vendors: Vendors) -> None:
    for tool in TOOLS:
        vendors.publish(tool)
    ran = machine.install("--for-tests")
    assert (ran.status, machine.says("kube-score")) == (0, "kube-score of the vendor"), ran.text


@pytest.mark.parametrize("arguments, environment, sentence", [
    (("terraform",), {}, 'there is no tool "terraform"'),
    (("--fast",), {}, 'there is no option "--fast"'),
    (("--from", "brew"), {}, "--from takes download or go"),
    ((), {"UNAME_S": "SunOS"}, "no vendor builds these tools for SunOS"),
])
def test_refuses_what_it_does_not_know(arguments: tuple[str, ...], environment: dict[str, str], sentence: str, machine: Machine) -> None:
    ran = machine.install(*arguments, **environment)
    assert ran.status == 1 and sentence in ran.err, ran.text


def test_pin_tools_writes_every_checksum_between_its_marks(machine: Machine, vendors: Vendors, tmp_path: Path) -> None:
    for tool in TOOLS:
        for os in ("linux", "darwin"):
            for arch in ("amd64", "arm64"):
                vendors.publish(tool, os, arch)
    file = tmp_path / "versions.env"
    before = (ROOT / "versions.env").read_text()
    file.write_text(before)
    ran = machine.run("pin-tools.sh", VERSIONS_FILE=str(file))
    assert ran.status == 0, ran.text
    start, end = "# pins of tools: begin\n", "# pins of tools: end\n"
    pins = file.read_text().split(start)[1].split(end)[0].splitlines()
    digest = hashlib.sha256(vendors.files[f"dl.k8s.io/release/v{VERSIONS['KUBECTL']}/bin/darwin/arm64/kubectl"]).hexdigest()
    assert len(pins) == 4 * len(TOOLS) and f': "${{KUBECTL_SHA256_darwin_arm64={digest}}}"' in pins
    assert file.read_text().replace("\n".join(pins) + "\n", before.split(start)[1].split(end)[0]) == before


def test_pin_tools_changes_nothing_when_one_checksum_cannot_be_had(machine: Machine, vendors: Vendors, tmp_path: Path) -> None:
    for tool in TOOLS[:-1]:
        for os in ("linux", "darwin"):
            for arch in ("amd64", "arm64"):
                vendors.publish(tool, os, arch)
    file = tmp_path / "versions.env"
    file.write_text((ROOT / "versions.env").read_text())
    ran = machine.run("pin-tools.sh", VERSIONS_FILE=str(file))
    assert ran.status == 1 and "toxiproxy" in ran.err, ran.text
    assert file.read_text() == (ROOT / "versions.env").read_text()


MODULES = {"kubectl": "k8s.io/kubectl", "helm": "helm.sh/helm/v4", "kind": "sigs.k8s.io/kind", "task": "github.com/go-task/task/v3",
           "kustomize": "sigs.k8s.io/kustomize/kustomize/v5", "kubeseal": "github.com/bitnami/sealed-secrets",
           "yq": "github.com/mikefarah/yq/v4", "kubeconform": "github.com/yannh/kubeconform", "kube-score": "github.com/zegl/kube-score",
           "actionlint": "github.com/rhysd/actionlint", "toxiproxy": "github.com/Shopify/toxiproxy/v2"}


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "argocd"])
def test_the_module_that_builds_a_tool_is_of_the_version_that_is_downloaded(tool: str) -> None:
    module = (ROOT / "scripts" / "tools" / tool / "go.mod").read_text()
    version = VERSIONS[tool.upper().replace("-", "_")]
    # kubectl 1.37.1 is k8s.io/kubectl v0.37.1.
    wanted = re.sub(r"^1\.", "0.", version) if tool == "kubectl" else version
    assert re.search(rf"^\s*(require )?{re.escape(MODULES[tool])} v{re.escape(wanted)}\b", module, re.M), module
    assert (ROOT / "scripts" / "tools" / tool / "go.sum").stat().st_size > 0


def test_pinned_checksums_look_like_some_and_none_stands_twice() -> None:
    pins = re.findall(r'^: "\$\{(\w+_SHA256_(?:linux|darwin)_(?:amd64|arm64))=([^}]*)}"', (ROOT / "versions.env").read_text(), re.M)
    given = [value for _, value in pins if value]
    assert len(pins) == 4 * len(TOOLS) and all(re.fullmatch(r"[0-9a-f]{64}", value) for value in given)
    assert len(given) == len(set(given))
