"""One platform for the whole run, in the order of the files; a table of steps and times at its end."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lib import evidence, load, platform, progress, record
from lib.argocd import ArgoCD
from lib.command import run
from lib.forward import forward
from lib.kubectl import Kubectl
from lib.platform import Platform
from lib.repository import Repository
from lib.settings import WORK, Settings, from_environment

CASES = pytest.StashKey[list[record.Case]]()
COMMIT = pytest.StashKey[str]()
CASE = pytest.StashKey[record.Case]()
NOTES = pytest.StashKey[list[str]]()
FOUNDATION = "test_01_sync.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write docs/e2e.md from this run")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CASES] = []
    config.stash[COMMIT] = record.commit()  # what is deployed; somebody may commit while the suite runs


@pytest.fixture(scope="session")
def settings() -> Settings:
    return from_environment()


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    return Kubectl()


@pytest.fixture(scope="session")
def argocd(kubectl: Kubectl) -> ArgoCD:
    return ArgoCD(kubectl)


@pytest.fixture(scope="session")
def up(settings: Settings, kubectl: Kubectl, argocd: ArgoCD) -> Iterator[Platform]:
    """Images and repository where the cluster finds them, nothing deployed yet; all of it taken away at the end."""
    if settings.attach:
        repository = Repository(WORK / "repo", platform.NAME)
        yield Platform(settings, kubectl, argocd, repository, platform.image_in(repository).removesuffix("-next"))
        return
    progress.say("taking away what an earlier run left")
    platform.start_from_scratch(settings, kubectl)
    progress.say("a working copy with its image")
    repository, image = platform.working_copy(settings)
    made = Platform(settings, kubectl, argocd, repository, image)
    if settings.image_loader:
        progress.say(f"another version of {image}, and the cells' images")
        platform.build_next(image, made.next_image())
        run(*settings.image_loader, made.next_image(), timeout=300)
        platform.load_stand_ins(settings)
    yield made
    if settings.keep:
        progress.say("KEEP=1: everything stays as it is")
    else:
        progress.say("cleaning up")
        platform.remove(kubectl)
        platform.stop_serving()


@pytest.fixture(scope="module")
def admitted(up: Platform) -> Iterator[None]:
    """The load comes through the router's network policies."""
    load.admit(up.kubectl)
    yield
    load.refuse(up.kubectl)


@pytest.fixture(scope="module")
def gateway(up: Platform) -> Iterator[int]:
    """A port here that is the gateway's."""
    with forward("traefik", "service/traefik", 8000) as port:
        yield port


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Puts what was seen beside the step in the table."""
    return request.node.stash.setdefault(NOTES, []).append


def pytest_runtest_setup(item: pytest.Item) -> None:
    progress.say(f"{item.path.name}  {sentence(item)}{case_of(item) and f' ({case_of(item)})'}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    case = item.stash.setdefault(CASE, None)
    if case is None:
        case = item.stash[CASE] = record.Case(item.path.name, one_line(item.module.__doc__), sentence(item), case_of(item))
        item.session.config.stash[CASES].append(case)
    case.seconds += call.duration
    if report.failed:
        case.outcome = "failed"
        progress.say(f"  FAILED, see {evidence.collect(item.name)}")
        progress.say(f"  {str(call.excinfo.value)[:2000] if call.excinfo else ''}")
        if item.path.name == FOUNDATION:
            item.session.shouldstop = "the platform did not come up; what follows needs it"
    elif report.skipped:
        case.outcome, case.seen = "skipped", str(call.excinfo.value) if call.excinfo else ""
        progress.say(f"  skipped: {case.seen}")
    elif call.when == "call":
        case.seen = "; ".join(item.stash.get(NOTES, []))
        progress.say(f"  passed after {case.seconds:.1f} s{case.seen and ': ' + case.seen}")
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """No dots between the lines of progress."""
    return (report.outcome, "", "") if report.when == "call" and not report.failed else None


def one_line(text: str | None) -> str:
    return " ".join((text or "").split()).rstrip(".")


def sentence(item: pytest.Item) -> str:
    return one_line(item.obj.__doc__) or item.name


def case_of(item: pytest.Item) -> str:
    return item.callspec.id if hasattr(item, "callspec") else ""


def pytest_sessionfinish(session: pytest.Session) -> None:
    cases = session.config.stash[CASES]
    if session.config.getoption("record") and cases:
        record.write(cases, time.monotonic() - progress.BEGAN, Kubectl(), session.config.stash[COMMIT])
        progress.say("written: docs/e2e.md")
