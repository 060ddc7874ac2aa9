"""A copy of what the tasks work on, with the real task, yq, kustomize and kubeseal, and with stand-ins for what needs a cluster."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
PARTS = ("Taskfile.yml", "kind-config.yaml", "versions.env", "scripts", "manifests", "argocd", "alert-rules",
         "grafana-dashboards", ".ci", ".gitignore")
REAL = ("task", "yq", "kustomize", "kubeseal")
EVERYDAY = ("awk", "base64", "basename", "bash", "cat", "chmod", "cp", "curl", "cut", "date", "dirname", "env", "find", "git",
            "grep", "head", "mkdir", "mktemp", "mv", "pgrep", "printf", "readlink", "rm", "sed", "sh", "sha256sum", "sleep",
            "sort", "ssh", "tail", "tar", "gzip", "tr", "uname", "uniq", "wc", "xargs")

# Writes down how it was called, and answers what $ANSWERS/<name> holds: lines "pattern<TAB>status<TAB>text", the first that
# matches. Reads its standard input when it ends in "-f -", so that no pipe breaks.
STAND_IN = """#!/usr/bin/env bash
echo "${0##*/} $*" >>"$CALLS"
case " $* " in *" -f - "*) cat >"$CALLS.input.$(grep -c . "$CALLS")" ;; esac
while IFS=$'\\t' read -r pattern status text; do
  if [[ "$*" == $pattern ]]; then printf '%b' "$text"; exit "$status"; fi
done <"$ANSWERS/${0##*/}" 2>/dev/null
exit 0
"""


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def link_everyday_tools(folder: Path) -> None:
    """The tools of any machine, and none of those that are tested for."""
    folder.mkdir(parents=True, exist_ok=True)
    for tool in EVERYDAY:
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)


@dataclass
class Workspace:
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> "Workspace":
        repository = folder / "repository"
        repository.mkdir()
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, repository / part, ignore=shutil.ignore_patterns("tests", "__pycache__"))
            elif source.exists():
                shutil.copy(source, repository / part)
        work = cls(repository)
        bin_folder = repository / ".tools" / "bin"
        bin_folder.mkdir(parents=True)
        for tool in REAL:
            (bin_folder / tool).symlink_to(ROOT / ".tools" / "bin" / tool)
        link_everyday_tools(folder / "everyday")
        (folder / "answers").mkdir()
        work.environment = {
            "PATH": f"{bin_folder}:{folder / 'everyday'}",
            "HOME": str(folder),
            "CALLS": str(folder / "calls"),
            "ANSWERS": str(folder / "answers"),
            "WAIT_INTERVAL": "0",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        for tool in ("kubectl", "kind", "docker", "helm"):
            work.stand_in(tool)
        (repository / "scripts" / "build-image.sh").write_text("#!/bin/sh\necho building >&2\necho cell-router:0123456789ab\n")
        (repository / "scripts" / "build-image.sh").chmod(0o755)
        work.git("init", "-q", "-b", "main")
        work.commit()
        return work

    def stand_in(self, name: str, *answers: tuple[str, int, str]) -> None:
        """Each answer: a pattern of the arguments, the exit status, what is printed."""
        file = self.folder / ".tools" / "bin" / name
        file.write_text(STAND_IN)
        file.chmod(0o755)
        lines = (f"{pattern}\t{status}\t" + text.replace("\\", "\\\\").replace("\n", "\\n") for pattern, status, text in answers)
        (Path(self.environment["ANSWERS"]) / name).write_text("\n".join(lines) + "\n")

    def without(self, *tools: str) -> "Workspace":
        for tool in tools:
            (self.folder / ".tools" / "bin" / tool).unlink()
        return self

    def calls(self, name: str = "") -> list[str]:
        file = Path(self.environment["CALLS"])
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.startswith(name)]

    def git(self, *arguments: str) -> str:
        names = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        return subprocess.run(["git", *names, *arguments], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "state")

    def changed(self) -> set[str]:
        return {line[3:] for line in self.git("status", "--porcelain", "-uall").splitlines()}

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def run(self, *command: str, **environment: str) -> Ran:
        done = subprocess.run(command, cwd=self.folder, env={**self.environment, **environment}, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL)
        return Ran(done.returncode, done.stdout, done.stderr)

    def task(self, *arguments: str, **environment: str) -> Ran:
        return self.run("task", *arguments, **environment)

    def build(self, path: str) -> str:
        done = self.run("kustomize", "build", path)
        assert done.status == 0, done.err
        return done.out
