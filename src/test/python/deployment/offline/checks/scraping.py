"""Who is scraped: everything once, nothing twice."""

import re
from collections.abc import Iterator

from ..objects import Object, at, labels, name, namespace, selects, title
from ..platform import Platform

# What has metrics, by the port's name.
EXPECTED = {"cell-router": "management", "nginx": "metrics"}


def _services_of(platform: Platform, monitor: Object) -> list[Object]:
    within = at(monitor, "spec", "namespaceSelector", "matchNames", default=[namespace(monitor)])
    everywhere = at(monitor, "spec", "namespaceSelector", "any", default=False)
    return [
        s
        for s in platform.of("Service")
        if (everywhere or namespace(s) in within) and selects(monitor["spec"].get("selector"), labels(s))
    ]


def monitors_select_one_service(platform: Platform) -> Iterator[str]:
    for monitor in platform.of("ServiceMonitor"):
        selected = _services_of(platform, monitor)
        if len(selected) != 1:
            yield f"{title(monitor)} selects {[title(s) for s in selected]}, not one Service"
        for endpoint in monitor["spec"]["endpoints"]:
            for service in selected:
                if endpoint.get("port") not in {p.get("name") for p in service["spec"]["ports"]}:
                    yield f"{title(monitor)} scrapes port {endpoint.get('port')}, which {title(service)} does not have"


def services_are_scraped_once(platform: Platform) -> Iterator[str]:
    scraped: dict[str, list[str]] = {}
    for monitor in platform.of("ServiceMonitor"):
        for service in _services_of(platform, monitor):
            scraped.setdefault(title(service), []).extend(e.get("port") for e in monitor["spec"]["endpoints"])
    for service in platform.of("Service"):
        component = labels(service).get("app.kubernetes.io/component")
        expected = [EXPECTED[labels(service)["app.kubernetes.io/name"]]] if component in ("router", "cell") else []
        if scraped.get(title(service), []) != expected:
            yield f"{title(service)} is scraped on {scraped.get(title(service), [])}, expected {expected}"


def intervals_are_stated(platform: Platform) -> Iterator[str]:
    for monitor in platform.of("ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            interval, timeout = _seconds(endpoint.get("interval")), _seconds(endpoint.get("scrapeTimeout", "10s"))
            if not interval:
                yield f"{title(monitor)} has the interval {endpoint.get('interval')}"
            elif timeout is None or timeout > interval:
                yield f"{title(monitor)} gives up after {endpoint.get('scrapeTimeout')}, when the next scrape is due already"
            if endpoint.get("path", "/metrics") != "/metrics":
                yield f"{title(monitor)} scrapes {endpoint['path']}"


def _seconds(text: str | None) -> int | None:
    found = re.fullmatch(r"(\d+)(s|m)", text or "")
    return int(found[1]) * {"s": 1, "m": 60}[found[2]] if found else None


def series_of_a_cell_name_it(platform: Platform) -> Iterator[str]:
    """Alerts and dashboards tell the cells' nginx apart by cell_id."""
    for monitor in platform.of("ServiceMonitor"):
        if not name(monitor).startswith("nginx-"):
            continue
        labels_set = [at(r, "targetLabel") for e in monitor["spec"]["endpoints"] for r in e.get("relabelings", [])]
        copied = monitor["spec"].get("targetLabels", [])
        if "cell_id" not in labels_set and "cell_id" not in copied:
            yield f"{title(monitor)} does not set cell_id"


CHECKS = (monitors_select_one_service, services_are_scraped_once, intervals_are_stated, series_of_a_cell_name_it)
