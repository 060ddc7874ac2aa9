"""How much of what may fail has failed, and how fast the rest goes: docs/slo.md has the objectives."""

from __future__ import annotations

from board import Row, dashboard, variable
from panels import GREEN, ORANGE, RED, YELLOW, Json, Steps, graph, matrix, stat, table
from queries import RATE

CELL_VARIABLE = variable("cell", "Cell", "label_values(slo:error_budget:remaining_ratio, cell_id)")
AVAILABILITY = 'slo="router-availability"'
LATENCY = 'slo="router-latency"'
CELLS = 'slo="cell-availability",cell_id=~"$cell"'
OBJECTIVES = ((AVAILABILITY, "router-availability"), (LATENCY, "router-latency"), (CELLS, "cell {{cell_id}}"))

BUDGET_STEPS: Steps = [(None, RED), (0, ORANGE), (0.25, YELLOW), (0.5, GREEN)]
# The bounds of the four alerts.
BURN_STEPS: Steps = [(None, GREEN), (1, YELLOW), (6, ORANGE), (14.4, RED)]
FAST = ("ErrorBudgetBurn1h", "ErrorBudgetBurn6h")
SLOW = ("ErrorBudgetBurn1d", "ErrorBudgetBurn3d")


def board() -> Json:
    return dashboard(
        "slo",
        "The error budgets of 30 days: what the router promises for itself, and what each cell keeps. docs/slo.md says which requests count.",
        [CELL_VARIABLE],
        [
            Row("At a glance", glance()),
            Row("Error budget", budgets()),
            Row("Burn rate", burn_rates()),
            Row("What spends it", errors()),
        ],
        since="now-24h",
        refresh="1m",
    )


def burn(selector: str, window: str) -> str:
    return f'slo:burn_rate:window{{{selector},window="{window}"}}'


def glance() -> list[Json]:
    def left(title: str, selector: str, what: str) -> Json:
        return stat(
            title,
            f"Share of the errors of 30 days that may still happen: {what}. Below 0 the objective is missed.",
            f"min(slo:error_budget:remaining_ratio{{{selector}}})",
            unit="percentunit",
            steps=BUDGET_STEPS,
            decimals=1,
        )

    def burning(title: str, selector: str) -> Json:
        return stat(
            title,
            "How many times faster than allowed the budget went in the last hour. At 14.4 it is gone in two days.",
            f"max({burn(selector, '1h')})",
            unit="none",
            steps=BURN_STEPS,
            decimals=2,
            alerts=FAST,
        )

    return [
        left("Budget: availability", AVAILABILITY, "requests that the router itself failed"),
        left("Budget: latency", LATENCY, "requests to which the router added more than 25 ms"),
        left("Budget: worst cell", CELLS, "requests that the cell failed, of the cell with the least left"),
        burning("Burn: availability", AVAILABILITY),
        burning("Burn: latency", LATENCY),
        burning("Burn: worst cell", CELLS),
    ]


def budget(title: str, text: str, labels: str, legend: str) -> Json:
    return graph(
        title,
        text,
        [(f"slo:error_budget:remaining_ratio{{{labels}}}", legend)],
        unit="percentunit",
        lowest=-1,
        highest=1,
        steps=[(None, RED), (0, GREEN)],
        width=12,
        alerts=SLOW,
    )


def budgets() -> list[Json]:
    return [
        budget(
            "Router's budgets",
            "What is left of 30 days' errors. A step down is an incident, a slope is a habit.",
            'slo=~"router-.+"',
            "{{slo}}",
        ),
        budget(
            "Cells' budgets",
            "The same for each cell; a cell that has spent its own takes nothing from the others.",
            CELLS,
            "cell {{cell_id}}",
        ),
    ]


def burn_rates() -> list[Json]:
    windows = ("5m", "1h", "6h", "3d")

    def rates(title: str, selector: str) -> Json:
        return graph(
            title,
            "By window: the long ones say that it matters, the short ones that it still happens. Above 1, the budget will not last 30 days.",
            [(burn(selector, w), w) for w in windows],
            unit="none",
            steps=BURN_STEPS,
            alerts=FAST + SLOW,
        )

    return [
        rates("Router availability", AVAILABILITY),
        rates("Router latency", LATENCY),
        graph(
            "Cells, one hour",
            "Burn rate of each cell over an hour.",
            [(burn(CELLS, "1h"), "cell {{cell_id}}")],
            unit="none",
            steps=BURN_STEPS,
            alerts=FAST,
        ),
        matrix(
            "Burn rate by window",
            "Now. An alert needs a long and a short window above its bound: 1h and 5m above 14.4, 6h and 30m above 6, 1d and 2h above 3, 3d and 6h above 1.",
            f'label_join(slo:burn_rate:window{{slo=~"router-.+"}} or slo:burn_rate:window{{{CELLS}}}, "objective", " ", "slo", "cell_id")',
            "objective",
            "window",
            ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"),
            unit="none",
            steps=BURN_STEPS,
            decimals=2,
            width=16,
        ),
        table(
            "Objectives",
            "Share of good requests over 30 days that was promised.",
            [("slo:objective:ratio", "")],
            {"slo": "Objective"},
            value="Promised",
            unit="percentunit",
            width=8,
        ),
    ]


def errors() -> list[Json]:
    reasons = 'job="cell-router",reason=~"internal_error|router_overloaded|auth_unconfigured"'
    return [
        graph(
            "Errors that count",
            "Errors a second, by objective.",
            [(f"slo:errors:rate5m{{{selector}}}", legend) for selector, legend in OBJECTIVES],
            unit="reqps",
            stack=True,
        ),
        graph(
            "Requests that count",
            "The requests that errors are measured against.",
            [(f"slo:events:rate5m{{{selector}}}", legend) for selector, legend in OBJECTIVES],
            unit="reqps",
        ),
        graph(
            "The router's own failures",
            "Refusals that count against the router's availability, by reason. What a cell or a client causes does not.",
            [(f"sum by (reason) (rate(router_refused_total{{{reasons}}}{RATE}))", "{{reason}}")],
            unit="reqps",
            stack=True,
        ),
    ]
