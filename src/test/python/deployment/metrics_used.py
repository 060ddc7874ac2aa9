"""Which series an expression reads, and which exist.

For the tests of alert rules and dashboards: an alert or a panel on a metric that nobody exports, or on a label
that it does not have, is silent for ever and looks healthy.
"""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import yaml

ROOT = Path(__file__).resolve().parents[4]
KNOWN = ROOT / "alert-rules" / "known-metrics.txt"

# What Prometheus, the operator and our ServiceMonitors put on every series of a target.
TARGET_LABELS = frozenset({"job", "instance", "namespace", "pod", "service", "endpoint", "container", "node", "cell_id"})

# Labels of each metric by its name. A recorded series' labels are those of its rule: None says "any".
Catalogue = dict[str, frozenset[str] | None]


class Unreadable(ValueError):
    """The expression is not PromQL."""


def plain(expression: str) -> str:
    """The expression with what Grafana would put for its variables: any duration, any text."""
    text = re.sub(r"\$\{?__(rate_interval|interval|range)(:\w+)?\}?", "5m", expression)
    text = re.sub(r"\$\{?__(interval_ms|range_s|range_ms)\}?", "300", text)
    return re.sub(r"\$\{\w+(:\w+)?\}|\$[A-Za-z_]\w*", ".*", text)


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    """Every selector in the expression, those inside ranges and sub-queries too."""
    try:
        tree = promql_parser.parse(plain(expression))
    except ValueError as e:
        raise Unreadable(f"{e}: {expression}") from e
    yield from (node for node in nodes(tree) if isinstance(node, promql_parser.VectorSelector))


def nodes(node: object) -> Iterator[object]:
    """The node and all below it."""
    yield node
    for member in ("lhs", "rhs", "expr", "param", "args", "vector_selector"):
        below = getattr(node, member, None)
        for each in below if isinstance(below, list) else [below]:
            if each is not None and not isinstance(each, (str, float, int)):
                yield from nodes(each)


def name_of(selector: promql_parser.VectorSelector) -> str:
    """The metric a selector names; empty when it goes by a pattern, which no check could follow."""
    if selector.name:
        return str(selector.name)
    exact = [m.value for m in selector.matchers.matchers if m.name == "__name__" and m.op == promql_parser.MatchOp.Equal]
    return str(exact[0]) if exact else ""


def metric_names(expression: str) -> set[str]:
    return {name_of(selector) for selector in selectors(expression)}


def problems(expression: str, known: Catalogue) -> list[str]:
    """What the expression reads that does not exist, one sentence each."""
    found = []
    for selector in selectors(expression):
        name = name_of(selector)
        if not name:
            found.append(f"a selector names no metric: {expression}")
        elif name not in known:
            found.append(f"nobody exports {name}")
        else:
            labels = known[name]
            for matcher in selector.matchers.matchers:
                if labels is not None and matcher.name not in labels | TARGET_LABELS | {"__name__"}:
                    found.append(f"{name} has no label {matcher.name}")
    return found


def catalogue() -> Catalogue:
    """All that there is: the router's, the foreign exporters' and what our rules record."""
    return {**of_the_router(), **of_others(), **recorded()}


def of_the_router(readme: Path = ROOT / "README.md") -> Catalogue:
    """The README's table, which a test of the router holds against its code."""
    table = readme.read_text().split("<!-- metrics -->")[1].split("<!-- /metrics -->")[0]
    found: Catalogue = {}
    for name, labels in re.findall(r"^\| `(\w+)` \| ([^|]*) \|", table, re.M):
        for sample, more in samples(name):
            found[sample] = frozenset(re.findall(r"\w+", labels)) | more
    return found


def samples(name: str) -> list[tuple[str, frozenset[str]]]:
    """The samples of a family, and the labels each adds; the router's only families in seconds are histograms."""
    none: frozenset[str] = frozenset()
    if not name.endswith("_seconds"):
        return [(name, none)]
    return [(f"{name}_bucket", frozenset({"le"})), (f"{name}_sum", none), (f"{name}_count", none)]


def of_others(path: Path = KNOWN) -> Catalogue:
    """The list of what other exporters have: ``name`` or ``name{label,label}`` a line."""
    found: Catalogue = {}
    for line in path.read_text().splitlines():
        text = line.split("#")[0].strip()
        if text:
            name, _, labels = text.rstrip("}").partition("{")
            found[name] = frozenset(filter(None, labels.split(",")))
    return found


def recorded(folder: Path = ROOT / "alert-rules") -> Catalogue:
    """The series that our own rules record."""
    found: Catalogue = {}
    for path in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if isinstance(document, dict) and document.get("kind") == "PrometheusRule":
                rules = (rule for group in document["spec"]["groups"] for rule in group["rules"])
                found.update({rule["record"]: None for rule in rules if "record" in rule})
    return found


def scraped(url: str) -> set[str]:
    """The names of the samples that a running exporter shows."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return sample_names(answer.read().decode())


def sample_names(page: str) -> set[str]:
    """The names of the samples on a page of metrics."""
    return {re.split(r"[{ ]", line, maxsplit=1)[0] for line in page.splitlines() if line and not line.startswith("#")}
