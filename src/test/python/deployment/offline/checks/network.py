"""The matrix of the network: every path that must be open, and that there is no other."""

from collections.abc import Callable, Iterator

from ..objects import at, name, namespace, selector_keys, title
from ..platform import Platform
from ..policies import End, Network

GATEWAY = End("the gateway", "traefik", {"app.kubernetes.io/name": "traefik"})
PROMETHEUS = End("Prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"})
DNS = End("DNS", "kube-system", {"k8s-app": "kube-dns"})
# Whoever else may be on a cluster: none of these may reach anything of ours, and ours none of them.
STRANGERS = (
    End("a stranger", "default", {"app.kubernetes.io/name": "stranger"}),
    End(
        "a stranger that calls itself a router",
        "default",
        {"app.kubernetes.io/name": "cell-router", "app.kubernetes.io/component": "router"},
    ),
    End(
        "a stranger that calls itself a cell",
        "default",
        {"app.kubernetes.io/name": "nginx", "app.kubernetes.io/component": "cell"},
    ),
    End("a stranger that calls itself Traefik", "default", {"app.kubernetes.io/name": "traefik"}),
    End("a stranger that calls itself DNS", "default", {"k8s-app": "kube-dns"}),
    End("a stranger in the router's namespace", "cell-router", {"app.kubernetes.io/name": "stranger"}),
    End("a stranger in a cell's namespace", "cell-1", {"app.kubernetes.io/name": "stranger"}),
    End("a pod of kube-system", "kube-system", {"k8s-app": "metrics-server"}),
    End("Argo CD", "argocd", {"app.kubernetes.io/name": "argocd-server"}),
    End("a host outside", address="203.0.113.7"),
    End("a node", address="10.250.0.1"),
)
# What somebody may listen on: our ports, Services' and DNS' ports, and some that nobody should be able to reach.
PORTS = (22, 53, 80, 443, 5432, 6443, 8000, 8080, 8081, 8443, 9000, 9090, 9113, 10250)


def ends(platform: Platform) -> tuple[End, list[End]]:
    """The router and the cells, as they are deployed."""
    found = [
        End(
            p.title,
            p.namespace,
            p.labels,
            {port["name"]: port["containerPort"] for port in p.ports() if "name" in port},
        )
        for p in platform.pods()
    ]
    [router] = [e for e in found if e.labels.get("app.kubernetes.io/component") == "router"]
    return router, [e for e in found if e is not router]


def network(platform: Platform) -> Network:
    known = {
        ns: {"kubernetes.io/metadata.name": ns} for ns in ("default", "kube-system", "argocd", "traefik", "monitoring")
    }
    return Network(platform.of("NetworkPolicy"), known | platform.namespaces())


def expected(platform: Platform) -> set[tuple[str, str, int, str]]:
    router, cells = ends(platform)
    open_paths = {
        (GATEWAY.title, router.title, 8000, "TCP"),
        (PROMETHEUS.title, router.title, 9000, "TCP"),
        (router.title, DNS.title, 53, "TCP"),
        (router.title, DNS.title, 53, "UDP"),
    }
    for cell in cells:
        open_paths |= {(router.title, cell.title, 8080, "TCP"), (PROMETHEUS.title, cell.title, 9113, "TCP")}
    return open_paths


def let_out(platform: Platform) -> set[tuple[str, str, int, str]]:
    """What our pods may send, whoever is asked, by the policies of their own side."""
    router, cells = ends(platform)
    return _open(network(platform).lets_out, [router, *cells], [router, *cells, GATEWAY, PROMETHEUS, DNS, *STRANGERS])


def let_in(platform: Platform) -> set[tuple[str, str, int, str]]:
    """What our pods take, whoever asks, by the policies of their own side."""
    router, cells = ends(platform)
    return _open(network(platform).lets_in, [router, *cells, GATEWAY, PROMETHEUS, DNS, *STRANGERS], [router, *cells])


def _open(
    allows: Callable[[End, End, int, str], bool], clients: list[End], servers: list[End]
) -> set[tuple[str, str, int, str]]:
    return {
        (client.title, server.title, port, protocol)
        for client in clients
        for server in servers
        for port in PORTS
        for protocol in ("TCP", "UDP")
        if client is not server and allows(client, server, port, protocol)
    }


def the_matrix_is_the_expected_one(platform: Platform) -> Iterator[str]:
    """Each side for itself, although a connection needs both: neither may lean on the other's being strict."""
    router, cells = ends(platform)
    ours = {e.title for e in (router, *cells)}
    wanted = expected(platform)
    sides = {
        "may not send": ({w for w in wanted if w[0] in ours}, let_out(platform)),
        "does not take": ({w for w in wanted if w[1] in ours}, let_in(platform)),
    }
    for side, (due, found) in sides.items():
        yield from (f"closed ({side}): {path}" for path in sorted(due - found))
        yield from (f"open: {path}" for path in sorted(found - due))


def everything_else_is_denied(platform: Platform) -> Iterator[str]:
    """A policy for all pods of the namespace, so that a pod that nobody thought of can do nothing."""
    for o in platform.of("Namespace"):
        if name(o) in ("traefik", "monitoring"):
            continue
        deny = [
            p
            for p in platform.of("NetworkPolicy")
            if namespace(p) == name(o)
            and p["spec"].get("podSelector") == {}
            and set(p["spec"].get("policyTypes", [])) == {"Ingress", "Egress"}
            and not p["spec"].get("ingress")
            and not p["spec"].get("egress")
        ]
        if not deny:
            yield f"namespace {name(o)} denies nothing by default"


def namespaces_are_named_by_what_kubernetes_sets(platform: Platform) -> Iterator[str]:
    """A label that nobody puts on the namespace matches nothing: that broke DNS in the forerunner."""
    known = {key for on in platform.namespaces().values() for key in on}
    for policy in platform.of("NetworkPolicy"):
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in at(policy, "spec", direction, default=[]):
                for peer in rule.get(peers, []):
                    for key in selector_keys(peer.get("namespaceSelector")):
                        if key not in known:
                            yield f"{title(policy)} selects namespaces by {key}, which none has"


CHECKS = (the_matrix_is_the_expected_one, everything_else_is_denied, namespaces_are_named_by_what_kubernetes_sets)
