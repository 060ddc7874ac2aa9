"""What kustomize delivers: a ConfigMap a board, as Grafana's side-car wants it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from expressions import DASHBOARDS, ROOT, boards


def build(folder: Path) -> list[dict[str, Any]]:
    kustomize = shutil.which("kustomize", path=f"{ROOT / '.tools' / 'bin'}:{os.environ['PATH']}")
    if not kustomize:
        pytest.fail("kustomize is not here: scripts/install-dependencies.sh --for-tests")
    ran = subprocess.run([kustomize, "build", folder], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-500:]
    return list(yaml.safe_load_all(ran.stdout))


@pytest.fixture(scope="module")
def delivered() -> list[dict[str, Any]]:
    return build(DASHBOARDS)


def test_is_a_config_map_a_board(delivered: list[dict[str, Any]]) -> None:
    assert {d["kind"] for d in delivered} == {"ConfigMap"}
    assert {d["metadata"]["name"] for d in delivered} == {f"dashboard-{uid}" for uid in boards()}
    assert [list(d["data"]) for d in delivered] == [[d["metadata"]["name"].removeprefix("dashboard-") + ".json"] for d in delivered]


def test_the_side_car_finds_it(delivered: list[dict[str, Any]]) -> None:
    for each in delivered:
        metadata = each["metadata"]
        assert metadata["namespace"] == "monitoring"
        assert metadata["labels"]["grafana_dashboard"] == "1"
        assert metadata["labels"]["app.kubernetes.io/part-of"] == "cell-router"
        assert metadata["annotations"]["grafana_folder"]


def test_fits_into_an_object(delivered: list[dict[str, Any]]) -> None:
    """1 MiB is what etcd takes; 256 KiB what an annotation takes, if somebody applies it from a client."""
    for each in delivered:
        assert len(json.dumps(each)) < 256 * 1024, each["metadata"]["name"]


def test_only_the_address_of_the_repository_is_put_in(delivered: list[dict[str, Any]]) -> None:
    settings = yaml.safe_load((ROOT / "argocd" / "settings" / "repository.yaml").read_text())
    address = settings["data"]["url"].removesuffix(".git")
    for each in delivered:
        (text,) = each["data"].values()
        board = json.loads(text)
        given = boards()[board["uid"]]
        assert given["templating"]["list"][0]["query"] == "REPOSITORY"
        given["templating"]["list"][0]["query"] = address
        assert board == given


def test_the_address_is_that_of_the_settings(tmp_path: Path) -> None:
    for name in ("grafana-dashboards", "argocd"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    settings = tmp_path / "argocd" / "settings" / "repository.yaml"
    document = yaml.safe_load(settings.read_text())
    document["data"]["url"] = "https://git.example.org/team/cells.git"
    settings.write_text(yaml.safe_dump(document))
    for each in build(tmp_path / "grafana-dashboards"):
        (text,) = each["data"].values()
        assert json.loads(text)["templating"]["list"][0]["query"] == "https://git.example.org/team/cells"
