"""A working copy of the project that the cluster's Argo CD reads; edits become commits."""

import shutil
from collections.abc import Callable
from pathlib import Path

from .command import run


class Repository:
    def __init__(self, folder: Path, name: str):
        self.folder, self.name = folder, name

    @staticmethod
    def clone(source: Path, folder: Path, name: str) -> "Repository":
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        run("git", "clone", "--quiet", "--no-hardlinks", source, folder)
        copy = Repository(folder, name)
        copy.git("checkout", "--quiet", "-B", "main")
        copy.git("config", "user.name", "e2e")
        copy.git("config", "user.email", "e2e@localhost")
        return copy

    def git(self, *words: object) -> str:
        return run("git", *words, cwd=self.folder).strip()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        file = self.folder / path
        before = file.read_text()
        after = change(before)
        assert after != before, f"the edit of {path} changed nothing"
        file.write_text(after)

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.head()

    def revert(self, commit: str) -> str:
        self.git("revert", "--no-edit", commit)
        return self.head()
