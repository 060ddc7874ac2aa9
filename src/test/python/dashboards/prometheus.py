"""The little of Prometheus' HTTP API that is needed here."""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any


class QueryFailed(Exception):
    """Prometheus refused the expression; the message is its own."""


@dataclass(frozen=True)
class Series:
    labels: dict[str, str]
    points: list[tuple[float, float]]
    """Seconds since the epoch, and the value."""

    @property
    def finite(self) -> list[float]:
        return [value for _, value in self.points if math.isfinite(value)]

    @property
    def last(self) -> float:
        return self.finite[-1] if self.finite else math.nan


@dataclass(frozen=True)
class Prometheus:
    url: str
    timeout_s: float = 30.0

    def range(self, expr: str, begin: float, end: float, step: float) -> list[Series]:
        found = self._ask("query_range", query=expr, start=begin, end=end, step=step)
        return [_series(each, each["values"]) for each in found["result"]]

    def instant(self, expr: str, at: float | None = None) -> list[Series]:
        found = self._ask("query", query=expr, **({"time": at} if at else {}))
        if found["resultType"] == "scalar":
            return [_series({"metric": {}}, [found["result"]])]
        return [_series(each, [each["value"]]) for each in found["result"]]

    def get(self, path: str) -> Any:
        return self._open(urllib.request.Request(f"{self.url}/api/v1/{path}"))

    def _ask(self, path: str, **form: object) -> Any:
        body = urllib.parse.urlencode(form).encode()
        return self._open(urllib.request.Request(f"{self.url}/api/v1/{path}", data=body))

    def _open(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as e:
            text = e.read().decode(errors="replace")
            try:
                text = json.loads(text)["error"]
            except (ValueError, KeyError):
                pass
            raise QueryFailed(text) from None


def _series(found: dict[str, Any], values: list[list[Any]]) -> Series:
    return Series(found.get("metric", {}), [(float(t), float(v)) for t, v in values])
