from pathlib import Path

import pytest

from workspace import Workspace


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace.make(tmp_path)
