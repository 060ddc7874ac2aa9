"""Latency, traffic, errors, saturation: is something wrong, and with which cell?"""

from __future__ import annotations

from board import CELL as CELL_VARIABLE
from board import CLIENT as CLIENT_VARIABLE
from board import NAMESPACE, ROUTER, Row, dashboard
from panels import GREEN, RED, YELLOW, Json, Steps, graph, heatmap, stat
from queries import CELL, CLIENT, RATE, cells_down, quantile, quantiles, rate, ratio

DURATION = "router_request_duration_seconds"
# /api/route is the one path that takes a POST: documentation and health checks are left out.
ROUTED = f'{CELL},method="POST"'
BY_CLIENT = f'{CLIENT},method="POST"'
ERROR_STEPS: Steps = [(None, GREEN), (0.01, YELLOW), (0.05, RED)]
LATENCY_STEPS: Steps = [(None, GREEN), (1, YELLOW), (2, RED)]
SHARE_STEPS: Steps = [(None, GREEN), (0.8, YELLOW), (0.9, RED)]
CONTAINER = 'namespace=~"$namespace",container="router"'


def board() -> Json:
    return dashboard(
        "golden-signals",
        "Latency, traffic, errors and saturation of the router, by cell and by client. Start here.",
        [NAMESPACE, CELL_VARIABLE, CLIENT_VARIABLE],
        [
            Row("At a glance", glance()),
            Row("Traffic", traffic()),
            Row("Errors", errors()),
            Row("Latency", latency()),
            Row("Saturation", saturation()),
            Row("Rates", rates()),
            Row("API keys", access()),
        ],
    )


def glance() -> list[Json]:
    return [
        stat(
            "Requests",
            "Requests to /api/route answered a second, by all routers together.",
            rate("router_requests_total", BY_CLIENT),
            unit="reqps",
            decimals=1,
            none="no router",
        ),
        stat(
            "Error ratio",
            "Share of answers with a status of 500 and above, the cells' own included. Red from 5 %, where the alert is; that one leaves out cells that are drained or disabled.",
            ratio(rate("router_requests_total", f'{BY_CLIENT},status=~"5.."'), rate("router_requests_total", BY_CLIENT)),
            unit="percentunit",
            steps=ERROR_STEPS,
            decimals=2,
            none="no traffic",
            alerts=("RouterErrorRateHigh",),
        ),
        stat(
            "P95 latency",
            "Of 100 requests 95 take no longer, the cell's time included. Red from 2 s, where the alert is. By cell, not by client.",
            quantile(0.95, DURATION, ROUTED),
            unit="s",
            steps=LATENCY_STEPS,
            none="no traffic",
            alerts=("RouterLatencyHigh",),
        ),
        stat(
            "Cells down",
            "Cells that no router finds healthy.",
            cells_down(),
            unit="none",
            steps=[(None, GREEN), (1, RED)],
            none="no router",
        ),
        stat(
            "In flight",
            "Requests admitted to a cell and not finished.",
            f"sum(router_inflight_requests{{{CELL}}})",
            unit="none",
            none="no router",
        ),
        stat(
            "Routers",
            "Routers that Prometheus reaches. Two are the least for a restart without failed requests.",
            f"sum(up{{{ROUTER}}})",
            unit="none",
            steps=[(None, RED), (1, YELLOW), (2, GREEN)],
            none="none",
            alerts=("RouterAbsent", "RouterUnreachable", "RouterNotRedundant"),
        ),
    ]


def traffic() -> list[Json]:
    by_status = rate("router_requests_total", BY_CLIENT, "by (status)")
    classes = f'sum by (class) (label_replace({by_status}, "class", "${{1}}xx", "status", "(.).*"))'
    return [
        graph(
            "Requests by cell",
            'A cell that is not configured is "unknown"; requests that named none, or never got that far, are "no cell".',
            [(rate("router_requests_total", BY_CLIENT, "by (cell_id)"), "cell {{cell_id}}")],
            unit="reqps",
            stack=True,
            alerts=("RouterNoTraffic",),
        ),
        graph(
            "Requests by status",
            "The cells' own statuses are passed on, so a 5xx may be a cell's.",
            [(classes, "{{class}}")],
            unit="reqps",
            stack=True,
        ),
        graph(
            "Requests by client",
            'The name that belongs to the API key; "anonymous" without authentication, and nothing when no known key was given.',
            [(rate("router_requests_total", f'{BY_CLIENT},client!=""', "by (client)"), "{{client}}")],
            unit="reqps",
            stack=True,
        ),
    ]


def errors() -> list[Json]:
    by_cell = "by (cell_id)"
    named = f'{BY_CLIENT},cell_id!~"|unknown"'
    return [
        graph(
            "Error ratio by cell",
            "Share of answers with a status of 500 and above. One cell's errors must not show in another's line.",
            [
                (
                    ratio(rate("router_requests_total", f'{named},status=~"5.."', by_cell), rate("router_requests_total", named, by_cell)),
                    "cell {{cell_id}}",
                )
            ],
            unit="percentunit",
            steps=[(None, GREEN), (0.05, RED)],
            none="no traffic",
        ),
        graph(
            "Errors by status",
            "Statuses of 400 and above. 502 and 504: a cell broke the exchange or took too long; 503: refused by the router; 500: usually the cell's own.",
            [(rate("router_requests_total", f'{BY_CLIENT},status=~"[45].."', "by (status)") + " > 0", "{{status}}")],
            unit="reqps",
            stack=True,
            none="no errors",
        ),
        graph(
            "Refused by reason",
            "Requests that the router itself refused or failed. The reason is also in the answer and in the log.",
            [(rate("router_refused_total", CELL, "by (reason)") + " > 0", "{{reason}}")],
            unit="reqps",
            stack=True,
            none="nothing refused",
            alerts=("RouterInternalErrors", "RouterAuthUnconfigured"),
        ),
    ]


def latency() -> list[Json]:
    return [
        graph(
            "Latency, all cells",
            "From reading a request to the last byte of its answer, the cell's time included.",
            quantiles(DURATION, ROUTED),
            unit="s",
            steps=[(None, GREEN), (2, RED)],
            log=True,
            none="no traffic",
            alerts=("RouterLatencyHigh",),
        ),
        graph(
            "P95 latency by cell",
            "A slow cell must not make another one slow.",
            [(quantile(0.95, DURATION, f'{ROUTED},cell_id!~"|unknown"', "cell_id"), "cell {{cell_id}}")],
            unit="s",
            steps=[(None, GREEN), (2, RED)],
            log=True,
            none="no traffic",
        ),
        heatmap(
            "Latency of all requests",
            "How many requests took how long. Two bands are two kinds of requests, or one slow cell.",
            rate(f"{DURATION}_bucket", ROUTED, "by (le)"),
            unit="s",
        ),
    ]


def saturation() -> list[Json]:
    def recorded(series: str) -> list[tuple[str, str]]:
        return [(f"{series}{{{CONTAINER}}}", "{{pod}}")]

    return [
        graph(
            "In flight of limit",
            "Requests of all cells in flight, of as many as the router takes. From 0.7 on those of low priority are refused, from 0.9 on normal ones.",
            [(f"max by (pod) (router_inflight{{{ROUTER}}} / router_inflight_limit{{{ROUTER}}})", "{{pod}}")],
            unit="percentunit",
            steps=[(None, GREEN), (0.7, YELLOW), (0.9, RED)],
            width=8,
            alerts=("RouterInFlightHigh",),
        ),
        graph(
            "Shed by router",
            "Requests refused since the router has as much as it takes, for all cells: router_overloaded.",
            [(f'sum by (pod) (rate(router_refused_total{{{ROUTER},reason="router_overloaded"}}{RATE}))', "{{pod}}")],
            unit="reqps",
            width=8,
            alerts=("RouterOverloaded",),
        ),
        graph(
            "In flight by router",
            "Requests admitted to a cell and not finished.",
            [(f"sum by (pod) (router_inflight_requests{{{CELL}}})", "{{pod}}")],
            unit="none",
            width=8,
        ),
        graph(
            "CPU of limit",
            "Share of the CPU limit in use, by pod, over 5 minutes.",
            recorded("container:cpu_used_of_limit:ratio_rate5m"),
            unit="percentunit",
            steps=SHARE_STEPS,
            width=8,
            alerts=("ContainerCpuNearLimit",),
        ),
        graph(
            "CPU throttled",
            "Share of the scheduler's periods in which the limit stopped the router: latency that no cell causes.",
            recorded("container:cpu_throttled_periods:ratio_rate5m"),
            unit="percentunit",
            steps=[(None, GREEN), (0.25, RED)],
            width=8,
            alerts=("ContainerCpuThrottled",),
        ),
        graph(
            "Memory of limit",
            "Share of the memory limit in use, by pod; at 1 the kernel ends the process.",
            recorded("container:memory_used_of_limit:ratio"),
            unit="percentunit",
            steps=SHARE_STEPS,
            width=8,
            alerts=("ContainerMemoryNearLimit",),
        ),
    ]


def rates() -> list[Json]:
    return [
        graph(
            "Limited by reason",
            "Requests refused with 429: the client's own rate, a cell's, or a client's at a cell.",
            [(rate("router_refused_total", f'{CELL},reason=~"rate_limit_.*"', "by (reason)"), "{{reason}}")],
            unit="reqps",
            stack=True,
            width=12,
            alerts=("RouterRateLimited",),
        ),
        graph(
            "Routers counted",
            "By how many each router divides the fleet's rates: the routers that it finds by DNS.",
            [(f"max by (pod) (router_rate_replicas{{{ROUTER}}})", "{{pod}}")],
            unit="none",
            decimals=0,
            width=12,
            alerts=("RouterPeersMiscounted",),
        ),
    ]


def access() -> list[Json]:
    return [
        graph(
            "Refused for their key",
            "Requests without a key and with an unknown one. A jump after a rotation: a client still has the old key.",
            [(f"sum by (reason) (rate(router_auth_failures_total{{{ROUTER}}}{RATE}))", "{{reason}}")],
            unit="reqps",
            alerts=("RouterAuthFailuresHigh",),
        ),
        graph(
            "Keys in force",
            "API keys each router knows. Different numbers are a rotation that has not reached all of them.",
            [(f"max by (pod) (router_api_keys{{{ROUTER}}})", "{{pod}}")],
            unit="none",
            decimals=0,
            alerts=("RouterApiKeysDiffer",),
        ),
        graph(
            "Keys read anew",
            "Times the file of keys was read again, by result. After a failure the keys before it stay in force.",
            [(f"sum by (result) (increase(router_api_key_reloads_total{{{ROUTER}}}{RATE}))", "{{result}}")],
            unit="none",
            decimals=1,
            alerts=("RouterApiKeysStale",),
        ),
    ]
