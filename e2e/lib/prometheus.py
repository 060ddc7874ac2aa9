"""The cluster's Prometheus (and Alertmanager), asked through the API server."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

from .command import Failed
from .kubectl import Kubectl

Sample = dict[str, Any]


class Prometheus:
    def __init__(self, fetch: Callable[[str], str]):
        self.text = fetch

    @staticmethod
    def of(kubectl: Kubectl, service: str = "prometheus-operated", namespace: str = "monitoring") -> "Prometheus":
        port = kubectl.get("service", service, namespace)["spec"]["ports"][0]["name"]
        return Prometheus(lambda path: kubectl.raw(f"/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy{path}"))

    @staticmethod
    def at(port: int) -> "Prometheus":
        """Through a port-forward, for hundreds of questions."""

        def fetch(path: str) -> str:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as problem:
                raise Failed(f"{path}: {problem} {problem.read().decode()[:500]}") from None
            except (OSError, HTTPException) as problem:  # not there, too slow, ended in the middle
                raise Failed(f"{path}: {problem!r}") from None

        return Prometheus(fetch)

    def ask(self, path: str, **parameters: str) -> Any:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return json.loads(self.text(f"/api/v1/{path}{query}"))["data"]

    def query(self, expression: str) -> list[Sample]:
        return self.ask("query", query=expression)["result"]

    def value(self, expression: str) -> float | None:
        """Of the only sample; None when there is none."""
        found = self.query(expression)
        assert len(found) <= 1, f"{expression}: {len(found)} series"
        return float(found[0]["value"][1]) if found else None

    def targets(self) -> list[dict[str, Any]]:
        return self.ask("targets", state="active")["activeTargets"]

    def firing(self, alert: str) -> list[dict[str, Any]]:
        return [each for each in self.ask("alerts")["alerts"] if each["labels"]["alertname"] == alert and each["state"] == "firing"]

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
