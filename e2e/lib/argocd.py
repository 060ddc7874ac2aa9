"""Argo CD by its Application objects; neither its command nor its API server is needed."""

from dataclasses import dataclass

from .kubectl import Kubectl, Object
from .waiting import NotYet, wait_until

NAMESPACE = "argocd"
WAVE = "argocd.argoproj.io/sync-wave"


@dataclass(frozen=True)
class State:
    name: str
    wave: int
    sync: str
    health: str
    revision: str
    created: str

    @staticmethod
    def of(application: Object) -> "State":
        metadata, status = application["metadata"], application.get("status", {})
        sync = status.get("sync", {})
        return State(metadata["name"], int(metadata.get("annotations", {}).get(WAVE, "0")), sync.get("status", "Unknown"),
                     status.get("health", {}).get("status", "Missing"), sync.get("revision", ""), metadata["creationTimestamp"])

    @property
    def well(self) -> bool:
        return self.sync == "Synced" and self.health == "Healthy"

    def __str__(self) -> str:
        return f"{self.name} {self.sync}/{self.health}"


class ArgoCD:
    def __init__(self, kubectl: Kubectl):
        self._kubectl = kubectl

    def applications(self) -> dict[str, State]:
        return {state.name: state for state in map(State.of, self._kubectl.list("applications.argoproj.io", NAMESPACE))}

    def application(self, name: str) -> Object:
        return self._kubectl.get("applications.argoproj.io", name, NAMESPACE)

    def refresh(self, *names: str) -> None:
        """Look at the repository now; without, Argo CD does so on its own, by default every three minutes."""
        for name in names or tuple(self.applications()):
            self._kubectl("annotate", "application.argoproj.io", name, "argocd.argoproj.io/refresh=normal", "--overwrite", namespace=NAMESPACE)

    def await_revision(self, revision: str, *names: str, timeout: float = 120) -> None:
        """Until the applications have applied this commit and are well. Their objects may still be rolling."""
        self.refresh(*names)

        def probe() -> bool:
            states = self.applications()
            wrong = [f"{states[name]} at {states[name].revision[:8]}" for name in names
                     if not states[name].well or states[name].revision != revision]
            if wrong:
                raise NotYet("; ".join(wrong))
            return True

        wait_until(f"{', '.join(names)} to be well at {revision[:8]}", probe, timeout)

    def await_compared(self, revision: str, name: str, timeout: float = 60) -> None:
        """Until the application's objects were set to what this commit says, well or not."""
        self.refresh(name)

        def probe() -> bool:
            state = self.applications()[name]
            if state.revision != revision or state.sync != "Synced":
                raise NotYet(f"{state} at {state.revision[:8]}")
            return True

        wait_until(f"{name} to be synced to {revision[:8]}", probe, timeout)
