"""Prometheus sees everything, once, and every rule and panel means something there."""

import json
import sys

import pytest

from lib import pods
from lib.forward import forward
from lib.kubectl import Kubectl
from lib.platform import PART, Platform
from lib.prometheus import Prometheus
from lib.settings import ROOT
from lib.waiting import NotYet, wait_until

sys.path.append(str(ROOT / "src/test/python/dashboards"))

NAMESPACES = ("cell-router", "cell-1", "cell-2", "cell-3")


@pytest.fixture(scope="module")
def prometheus(up: Platform) -> Prometheus:
    return Prometheus.of(up.kubectl)


def wanted_targets(kubectl: Kubectl) -> set[str]:
    """The address of each pod's metrics."""
    routers = pods.ready_pods(kubectl, "cell-router", "app.kubernetes.io/component=router")
    cells = [pod for namespace in NAMESPACES[1:] for pod in pods.ready_pods(kubectl, namespace, "app.kubernetes.io/component=cell")]
    return {f"{pod['status']['podIP']}:9000" for pod in routers} | {f"{pod['status']['podIP']}:9113" for pod in cells}


def test_targets(up: Platform, prometheus: Prometheus, note) -> None:
    """Every router and every cell's exporter is scraped, by its ServiceMonitor, exactly once"""

    def probe() -> list[str]:
        ours = [each for each in prometheus.targets() if each["labels"].get("namespace") in NAMESPACES]
        addresses = sorted(each["labels"]["instance"] for each in ours)
        wanted = sorted(wanted_targets(up.kubectl))
        down = [f"{each['labels']['instance']}: {each['lastError']}" for each in ours if each["health"] != "up"]
        if addresses != wanted or down:
            raise NotYet(f"{addresses}, wanted {wanted}; down: {down}")
        return addresses

    note(f"{len(wait_until('the targets to be the pods', probe, 120, every=3))} targets, all up")


def test_labels_of_the_targets(up: Platform, prometheus: Prometheus) -> None:
    """The labels that the rules select by are on the series"""
    jobs = {(each["labels"]["job"], each["labels"].get("cell_id", "")) for each in prometheus.targets() if each["labels"].get("namespace") in NAMESPACES}
    assert jobs == {("cell-router", ""), ("nginx-1", "1"), ("nginx-2", "2"), ("nginx-3", "3")}


def test_requests_are_counted(up: Platform, prometheus: Prometheus, note) -> None:
    """What the load of this run sent shows in the router's counters, by cell"""
    for cell in ("1", "2", "3"):
        assert (prometheus.value(f'sum(increase(router_requests_total{{cell_id="{cell}",status="200"}}[15m]))') or 0) > 100, f"cell {cell}"
    wrong = prometheus.query('sum by (upstream) (increase(router_upstream_errors_total{cell_id="1"}[15m])) > 0')
    assert not wrong, "errors of cell 1, which nobody touched"


def test_rules_are_loaded(up: Platform, prometheus: Prometheus, note) -> None:
    """Prometheus has loaded every rule of alert-rules/, and evaluates each without an error"""
    wanted = {rule.get("alert") or rule.get("record")
              for item in up.kubectl.list("prometheusrules.monitoring.coreos.com", "monitoring", PART)
              for group in item["spec"]["groups"] for rule in group["rules"]}
    assert len(wanted) > 20

    def probe() -> dict[str, dict]:
        loaded = {rule["name"]: rule for rule in prometheus.rules() if rule["name"] in wanted}
        unknown = sorted(wanted - loaded.keys()) + sorted(name for name, rule in loaded.items() if rule["health"] == "unknown")
        if unknown:
            raise NotYet(f"not yet evaluated: {', '.join(unknown)}")
        return loaded

    loaded = wait_until("the rules to be evaluated", probe, 150, every=3)
    assert not {name: rule.get("lastError") for name, rule in loaded.items() if rule["health"] != "ok"}
    note(f"{len(loaded)} rules")


def test_dashboards_are_delivered(up: Platform, note) -> None:
    """Each dashboard is a ConfigMap that Grafana's side-car finds, with valid JSON in it"""
    found = up.kubectl.list("configmaps", "monitoring", "grafana_dashboard=1")
    ours = [json.loads(text) for item in found if item["metadata"]["labels"].get("app.kubernetes.io/part-of") == "cell-router"
            for text in item["data"].values()]
    assert {each["uid"] for each in ours} >= {"golden-signals", "cells", "nginx-cells", "slo", "jvm"}
    note(", ".join(sorted(each["title"] for each in ours)))


def test_every_expression_has_values(up: Platform, note) -> None:
    """Every expression of every panel and rule, cAdvisor's series too, has values in the cluster's Prometheus"""
    from expressions import Moment, every_expression, exemptions
    from metrics_used import metric_names

    nowhere = [each for each in exemptions() if each.where == "nowhere"]
    asked = [(expression.source, part) for expression in every_expression(Moment(range_s=900)) for part in expression.parts
             if not any(exemption.covers(metric) for exemption in nowhere for metric in metric_names(part))]
    assert len(asked) > 100
    with forward("monitoring", "service/prometheus-operated", 9090) as port:
        prometheus, missing = Prometheus.at(port), list(asked)

        def probe() -> bool:
            missing[:] = [each for each in missing if not prometheus.query(each[1])]
            if missing:
                raise NotYet("no values:\n" + "\n".join(": ".join(each) for each in missing))
            return True

        # Rules over long windows are evaluated every few minutes only.
        wait_until("values of every expression", probe, 300, every=10)
    note(f"{len(asked)} expressions")
