"""A tag never stands for two contents, and changes only with what the image is made of."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from image_docker import ROOT

PINS = "# base images: begin\n: \"${JDK_IMAGE=jdk:25}\"\n# base images: end\n"


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "build-image.sh", folder / "scripts")
        for name in ("Dockerfile", "pom.xml", "src/main/Main.java", "jlink/modules.txt", "jlink/README.md", "README.md"):
            self.write(name, name)
        self.write("versions.env", ": \"${KUBECTL_VERSION=1}\"\n" + PINS)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        done = subprocess.run(("git", *identity, *arguments), cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "--short=12", "HEAD")

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run((self.folder / "scripts" / "build-image.sh", "--print-tag"), capture_output=True, text=True)

    def tag(self) -> str:
        done = self.run()
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().removeprefix("cell-router:")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder)


@pytest.mark.parametrize("name", ["Dockerfile", "pom.xml", "src/main/New.java", "jlink/modules.txt", "LICENSE", ".mvn/maven.config"])
def test_is_the_commit_that_last_changed_an_input(project: Project, name: str) -> None:
    project.write(name, "changed")
    commit = project.commit()
    project.write("README.md", "another commit, not of the image")
    project.commit()
    assert project.tag() == commit


@pytest.mark.parametrize("name", ["README.md", "jlink/README.md", "manifests/x.yaml", "src/test/java/T.java"])
def test_stays_when_something_else_changes(project: Project, name: str) -> None:
    before = project.tag()
    project.write(name, "changed")
    assert project.tag() == before
    project.commit()
    assert project.tag() == before


def test_changes_with_the_pins_of_the_base_images_only(project: Project) -> None:
    before = project.tag()
    project.write("versions.env", ": \"${KUBECTL_VERSION=2}\"\n" + PINS)
    project.commit()
    assert project.tag() == before
    project.write("versions.env", ": \"${KUBECTL_VERSION=2}\"\n" + PINS.replace("25", "26"))
    assert project.tag().startswith(f"{before}-dirty-")
    assert project.commit() == project.tag()


def test_two_contents_that_are_not_committed_have_two_tags(project: Project) -> None:
    before = project.tag()
    seen = set()
    for text in ("one", "two"):
        project.write("src/main/Main.java", text)
        seen.add(project.tag())
    project.write("src/main/Main.java", "src/main/Main.java")
    for text in ("new", "newer"):
        project.write("src/main/Added.java", text)
        seen.add(project.tag())
    assert len(seen) == 4
    assert all(re.fullmatch(rf"{before}-dirty-[0-9a-f]{{8}}", tag) for tag in seen)


def test_refuses_a_history_that_is_cut_off(project: Project, tmp_path: Path) -> None:
    project.write("README.md", "second")
    project.commit()
    clone = tmp_path / "clone"
    subprocess.run(("git", "clone", "--quiet", "--depth=1", f"file://{project.folder}", clone), check=True)
    done = subprocess.run((clone / "scripts" / "build-image.sh", "--print-tag"), capture_output=True, text=True)
    assert done.returncode != 0 and "whole history" in done.stderr


def test_is_one_that_a_registry_takes() -> None:
    done = subprocess.run((ROOT / "scripts" / "build-image.sh", "--print-tag"), capture_output=True, text=True, check=True)
    assert re.fullmatch(r"cell-router:[0-9a-f]{12}(-dirty-[0-9a-f]{8})?", done.stdout.strip())


def test_every_input_reaches_the_build_and_nothing_else() -> None:
    """.dockerignore and the script each have a list; they must be the same."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    script = (ROOT / "scripts" / "build-image.sh").read_text()
    inputs = re.search(r"INPUTS=\((.*?)\)\n", script)
    assert inputs
    listed = {word for word in inputs.group(1).split() if ":(" not in word}
    assert {line[1:] for line in ignored if line.startswith("!")} | {"Dockerfile", ".dockerignore"} == listed
