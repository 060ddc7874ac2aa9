"""The process under the router: memory, collector, threads, files, and what it had to give up."""

from __future__ import annotations

from board import NAMESPACE, POD, ROUTER, Row, dashboard
from panels import GREEN, RED, YELLOW, Json, Steps, graph, stat, table
from queries import RATE, ratio

PODS = f'{ROUTER},pod=~"$pod"'
SHARE_STEPS: Steps = [(None, GREEN), (0.8, YELLOW), (0.9, RED)]


def board() -> Json:
    return dashboard(
        "jvm",
        "The Java process of each router: memory, garbage collection, threads, files, and what it lost or could not read.",
        [NAMESPACE, POD],
        [
            Row("At a glance", glance()),
            Row("Memory", memory()),
            Row("Garbage collection", collection()),
            Row("Threads and process", process()),
            Row("What went wrong quietly", losses()),
        ],
    )


def glance() -> list[Json]:
    pause = f"max(sum by (pod) (rate(jvm_gc_collection_seconds_sum{{{PODS}}}{RATE})))"
    return [
        stat(
            "Version",
            "What is running; several during a rollout.",
            f"count by (version) (router_build_info{{{PODS}}})",
            unit="none",
            legend="{{version}}",
            name=True,
        ),
        stat(
            "Up since",
            "Age of the youngest router.",
            f"time() - max(process_start_time_seconds{{{PODS}}})",
            unit="s",
            steps=[(None, YELLOW), (300, GREEN)],
            decimals=0,
            alerts=("RouterRestarting",),
        ),
        stat(
            "Heap of maximum",
            "Share of the heap in use, of the fullest router.",
            f'max(jvm_memory_bytes_used{{{PODS},area="heap"}} / jvm_memory_bytes_max{{{PODS},area="heap"}})',
            unit="percentunit",
            steps=SHARE_STEPS,
            decimals=1,
        ),
        stat(
            "Time in the collector",
            "Share of the time that the worst router spends collecting garbage.",
            pause,
            unit="percentunit",
            steps=[(None, GREEN), (0.05, YELLOW), (0.1, RED)],
            decimals=2,
            alerts=("RouterGcTimeHigh",),
        ),
        stat(
            "Open files",
            "Share of the connections of clients, or of the file descriptors, that the fullest router has in use.",
            f"max((process_open_fds{{{PODS}}} - router_inflight{{{PODS}}}) / router_connections_limit{{{PODS}}})"
            f" > max(process_open_fds{{{PODS}}} / process_max_fds{{{PODS}}})"
            f" or max(process_open_fds{{{PODS}}} / process_max_fds{{{PODS}}})",
            unit="percentunit",
            steps=SHARE_STEPS,
            decimals=1,
            alerts=("RouterFileDescriptorsHigh",),
        ),
        stat(
            "Deadlocked threads",
            "Threads that wait for each other for ever.",
            f"sum(jvm_threads_deadlocked{{{PODS}}})",
            unit="none",
            steps=[(None, GREEN), (1, RED)],
            alerts=("RouterThreadsDeadlocked",),
        ),
    ]


def memory() -> list[Json]:
    def heap(kind: str) -> str:
        return f'max by (pod) (jvm_memory_bytes_{kind}{{{PODS},area="heap"}})'

    return [
        graph("Heap", "In use, by pod. A saw-tooth is healthy; its lower edge is what lives.", [(heap("used"), "{{pod}}")], unit="bytes"),
        graph("Heap committed", "What the heap has taken from the system, by pod.", [(heap("committed"), "{{pod}}")], unit="bytes"),
        graph(
            "After collection",
            "What was still in use after the last collection of each pool. A lower edge that climbs for hours is a leak.",
            [(f'max by (pod, pool) (jvm_memory_pool_collection_used_bytes{{{PODS},pool!~".*Eden.*"}})', "{{pod}} {{pool}}")],
            unit="bytes",
            alerts=("RouterHeapAfterGcHigh",),
        ),
        graph(
            "Beside the heap",
            "Classes, compiled code and the JVM's own, by pool.",
            [(f'max by (pool) (jvm_memory_pool_bytes_used{{{PODS},pool!~".*(Eden|Survivor|Old|Tenured).*"}})', "{{pool}}")],
            unit="bytes",
            stack=True,
        ),
        graph(
            "Direct buffers",
            "Memory of network buffers outside the heap, by pod.",
            [(f'max by (pod) (jvm_buffer_pool_used_bytes{{{PODS},pool="direct"}})', "{{pod}}")],
            unit="bytes",
        ),
        graph(
            "Resident memory",
            "What the process holds as the kernel sees it, by pod; the limit counts page cache too, see Golden signals.",
            [(f"max by (pod) (process_resident_memory_bytes{{{PODS}}})", "{{pod}}")],
            unit="bytes",
        ),
    ]


def collection() -> list[Json]:
    seconds = f"sum by (pod, gc) (rate(jvm_gc_collection_seconds_sum{{{PODS}}}{RATE}))"
    count = f"sum by (pod, gc) (rate(jvm_gc_collection_seconds_count{{{PODS}}}{RATE}))"
    return [
        graph(
            "Collector time by router",
            "Share of the time spent collecting garbage, by pod and collector.",
            [(seconds, "{{pod}} {{gc}}")],
            unit="percentunit",
            alerts=("RouterGcTimeHigh",),
        ),
        graph("Collections", "Collections a second, by pod and collector.", [(count, "{{pod}} {{gc}}")], unit="cps"),
        graph(
            "Time of a collection",
            "Average length of a collection: a pause of all requests for a collector that stops the world.",
            [(ratio(seconds, count), "{{pod}} {{gc}}")],
            unit="s",
            none="none in this time",
        ),
    ]


def process() -> list[Json]:
    return [
        graph(
            "CPU",
            "Cores in use, by pod.",
            [(f"sum by (pod) (rate(process_cpu_seconds_total{{{PODS}}}{RATE}))", "{{pod}}")],
            unit="none",
            decimals=2,
            width=6,
        ),
        graph(
            "Threads",
            "Platform threads, by pod. Requests run on virtual threads, which are not counted here.",
            [(f"max by (pod) (jvm_threads_current{{{PODS}}})", "{{pod}}")],
            unit="none",
            width=6,
        ),
        graph(
            "Threads by state",
            "Platform threads of all routers. Many blocked ones point at a lock.",
            [(f"sum by (state) (jvm_threads_state{{{PODS}}}) > 0", "{{state}}")],
            unit="none",
            stack=True,
            width=6,
        ),
        graph(
            "Open files by router",
            "File descriptors in use, by pod: each connection takes one.",
            [(f"max by (pod) (process_open_fds{{{PODS}}})", "{{pod}}")],
            unit="none",
            width=6,
        ),
        table(
            "Routers",
            "Version, Java and map of each router. Different ones stand here only during a rollout.",
            [(f"router_build_info{{{PODS}}} * on (pod, namespace) group_left router_map_version{{{PODS}}}", "")],
            {"pod": "Pod", "version": "Version", "java": "Java"},
            value="Map version",
            unit="none",
            width=12,
            alerts=("RouterVersionSkew",),
        ),
        graph(
            "Classes",
            "Classes loaded, by pod. Flat after the start; one that climbs is a leak of class loaders.",
            [(f"max by (pod) (jvm_classes_currently_loaded{{{PODS}}})", "{{pod}}")],
            unit="none",
            height=6,
            width=12,
            lowest=None,
        ),
    ]


def losses() -> list[Json]:
    def each(metric: str, by: str) -> str:
        return f"sum by ({by}) (increase({metric}{{{PODS}}}{RATE}))"

    return [
        graph(
            "Log lines dropped",
            "Lines given up since standard output did not take them.",
            [(each("router_log_lines_dropped_total", "pod"), "{{pod}}")],
            unit="none",
            width=12,
            alerts=("RouterLogLinesDropped",),
        ),
        graph(
            "Spans dropped",
            "Spans given up since the collector did not take them.",
            [(each("router_spans_dropped_total", "pod"), "{{pod}}")],
            unit="none",
            width=12,
            alerts=("RouterSpansDropped",),
        ),
    ]
