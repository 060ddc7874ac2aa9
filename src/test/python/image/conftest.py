"""Builds the image once, or takes IMAGE_UNDER_TEST. Where there is no docker the tests are skipped; in CI they fail."""

from __future__ import annotations

import os
import subprocess

import pytest
from image_docker import ROOT, is_continuous_integration, missing_daemon


@pytest.fixture(scope="session")
def needs_docker() -> None:
    why = missing_daemon()
    if why and is_continuous_integration():
        pytest.fail(f"{why}, and in CI the image must be tested")
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
def image(needs_docker: None) -> str:
    if given := os.environ.get("IMAGE_UNDER_TEST"):
        return given
    script = ROOT / "scripts" / "build-image.sh"
    done = subprocess.run((script,), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()[-1]
