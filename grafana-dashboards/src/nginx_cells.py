"""What the cells' own exporters say. stub_status knows connections and one count of requests: no statuses, no latencies."""

from __future__ import annotations

from board import NAMESPACE, ROUTER, Row, dashboard, variable
from panels import GREEN, RED, YELLOW, Json, Steps, graph, stat, states
from queries import RATE, ratio

CELL = variable("cell", "Cell", 'label_values(nginx_up{job=~"nginx-.+"}, cell_id)', everything=".+")
NGINX = 'job=~"nginx-.+",cell_id=~"$cell"'
CONTAINER = 'namespace=~"cell-($cell)",container="nginx"'
SHARE_STEPS: Steps = [(None, GREEN), (0.8, YELLOW), (0.9, RED)]
REQUESTS = f"sum by (cell_id) (rate(nginx_http_requests_total{{{NGINX}}}{RATE}))"
ACCEPTED = f"sum by (cell_id) (rate(nginx_connections_accepted{{{NGINX}}}{RATE}))"
HANDLED = f"sum by (cell_id) (rate(nginx_connections_handled{{{NGINX}}}{RATE}))"


def board() -> Json:
    return dashboard(
        "nginx-cells",
        "The NGINX cells by what their exporters have: connections and requests. Statuses and latencies of a cell are on the board Cells, as the routers see them.",
        [NAMESPACE, CELL],
        [Row("At a glance", glance()), Row("Requests", requests()), Row("Connections", connections()), Row("Saturation", saturation())],
    )


def glance() -> list[Json]:
    dropped = f"sum(rate(nginx_connections_accepted{{{NGINX}}}{RATE})) - sum(rate(nginx_connections_handled{{{NGINX}}}{RATE}))"
    return [
        stat(
            "Pods",
            "Cell pods that Prometheus has as targets.",
            f"count(up{{{NGINX}}})",
            unit="none",
            none="none",
            alerts=("NginxUnmonitored",),
        ),
        stat(
            "NGINX down",
            "Pods whose exporter does not reach its NGINX, or that Prometheus does not reach.",
            f"count(up{{{NGINX}}}) - sum(nginx_up{{{NGINX}}})",
            unit="none",
            steps=[(None, GREEN), (1, RED)],
            alerts=("NginxDown", "NginxExporterUnreachable"),
        ),
        stat(
            "All requests",
            "Requests a second, health checks included.",
            f"sum(rate(nginx_http_requests_total{{{NGINX}}}{RATE}))",
            unit="reqps",
            decimals=1,
        ),
        stat(
            "Connections",
            "Open client connections: the routers' pools, probes and what else connects.",
            f"sum(nginx_connections_active{{{NGINX}}})",
            unit="none",
        ),
        stat(
            "Dropped connections",
            "Accepted and not handled: worker_connections was reached.",
            dropped,
            unit="cps",
            steps=[(None, GREEN), (0.001, RED)],
            alerts=("NginxConnectionsDropped",),
        ),
        stat(
            "Requests a connection",
            "How well the routers' pools keep connections. Near 1, every request pays for a new one.",
            ratio(f"sum(rate(nginx_http_requests_total{{{NGINX}}}{RATE}))", f"sum(rate(nginx_connections_handled{{{NGINX}}}{RATE}))"),
            unit="none",
            steps=[(None, YELLOW), (5, GREEN)],
            decimals=0,
            none="no new ones",
        ),
    ]


def requests() -> list[Json]:
    # Over minutes: the two are counted at different ends of a request, and scraped at different times.
    seen = f"sum by (cell_id) (rate(nginx_http_requests_total{{{NGINX}}}[5m]))"
    routed = f'sum by (cell_id) (rate(router_upstream_duration_seconds_count{{{ROUTER},cell_id=~"$cell",cell_id!~"|unknown"}}[5m]))'
    return [
        states(
            "NGINX",
            "Whether the exporter of each pod reaches its NGINX.",
            [(f"nginx_up{{{NGINX}}}", "{{pod}}")],
            {"1": ("up", GREEN), "0": ("down", RED)},
            width=8,
            height=8,
            alerts=("NginxDown",),
        ),
        graph(
            "Requests by cell", "As NGINX counts them, health checks included.", [(REQUESTS, "cell {{cell_id}}")], unit="reqps", stack=True
        ),
        graph(
            "Not from the routers",
            "NGINX's requests less those that the routers sent, over 5 minutes: probes and health checks. More than a few a second means that somebody goes around the routers.",
            [(f"{seen}\n-\n{routed}", "cell {{cell_id}}")],
            unit="reqps",
            lowest=None,
        ),
    ]


def connections() -> list[Json]:
    kinds = [(f"sum(nginx_connections_{kind}{{{NGINX}}})", kind) for kind in ("reading", "writing", "waiting")]
    return [
        graph(
            "Connections by cell",
            "Open client connections.",
            [(f"sum by (cell_id) (nginx_connections_active{{{NGINX}}})", "cell {{cell_id}}")],
            unit="none",
            alerts=("NginxConnectionsNearLimit",),
            width=6,
        ),
        graph(
            "Connections by state",
            "Waiting ones are the routers' idle pools; writing ones are requests being answered.",
            kinds,
            unit="none",
            stack=True,
            width=6,
        ),
        graph(
            "New connections",
            "Accepted a second. Steady load with many new connections: something closes them.",
            [(ACCEPTED, "cell {{cell_id}}")],
            unit="cps",
            width=6,
        ),
        graph(
            "Dropped by cell",
            "Accepted and not handled: worker_connections was reached.",
            [(f"{ACCEPTED}\n-\n{HANDLED}", "cell {{cell_id}}")],
            unit="cps",
            width=6,
            alerts=("NginxConnectionsDropped",),
        ),
    ]


def saturation() -> list[Json]:
    def recorded(series: str) -> list[tuple[str, str]]:
        return [(f"{series}{{{CONTAINER}}}", "{{pod}}")]

    return [
        graph(
            "CPU of limit",
            "Share of the CPU limit in use, by pod, over 5 minutes.",
            recorded("container:cpu_used_of_limit:ratio_rate5m"),
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
        graph(
            "CPU throttled",
            "Share of the scheduler's periods in which the limit stopped the cell.",
            recorded("container:cpu_throttled_periods:ratio_rate5m"),
            unit="percentunit",
            steps=[(None, GREEN), (0.25, RED)],
        ),
        graph(
            "Memory of limit",
            "Share of the memory limit in use, by pod.",
            recorded("container:memory_used_of_limit:ratio"),
            unit="percentunit",
            steps=SHARE_STEPS,
        ),
    ]
