"""Who may talk to whom, by the NetworkPolicies alone: the same decision that a cluster's enforcer takes.

https://kubernetes.io/docs/concepts/services-networking/network-policies/ : a pod that some policy selects for a direction may
do in that direction only what some policy allows; a connection needs both its ends' leave.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from .objects import Object, namespace, selects


@dataclass(frozen=True)
class End:
    """A pod, or an address outside the cluster."""

    title: str
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict, hash=False)
    named_ports: dict[str, int] = field(default_factory=dict, hash=False)
    address: str = ""


class Network:
    def __init__(self, policies: Iterable[Object], namespaces: dict[str, dict[str, str]]):
        self.policies = list(policies)
        self.namespaces = namespaces

    def lets_out(self, source: End, to: End, port: int, protocol: str = "TCP") -> bool:
        return self._may(source, to, "Egress", port, protocol, to)

    def lets_in(self, source: End, to: End, port: int, protocol: str = "TCP") -> bool:
        return self._may(to, source, "Ingress", port, protocol, to)

    def _may(self, pod: End, other: End, direction: str, port: int, protocol: str, server: End) -> bool:
        if pod.address:
            return True
        mine = [
            p["spec"]
            for p in self.policies
            if namespace(p) == pod.namespace and selects(p["spec"].get("podSelector", {}), pod.labels)
        ]
        mine = [p for p in mine if direction in _types(p)]
        rules = [rule for p in mine for rule in p.get(direction.lower()) or []]
        peers = "to" if direction == "Egress" else "from"
        return not mine or any(
            self._peer(r.get(peers), other, pod) and _port(r.get("ports"), port, protocol, server) for r in rules
        )

    def _peer(self, peers: list[Object] | None, other: End, own: End) -> bool:
        return not peers or any(self._is(peer, other, own) for peer in peers)

    def _is(self, peer: Object, other: End, own: End) -> bool:
        if "ipBlock" in peer:
            block = peer["ipBlock"]
            address = ipaddress.ip_address(other.address) if other.address else None
            # Pods' addresses are not known here; a block that means them would be a mistake anyway.
            return (
                address is not None
                and _within(address, block["cidr"])
                and not any(_within(address, e) for e in block.get("except", []))
            )
        if other.address:
            return False
        if "namespaceSelector" in peer:
            if not selects(peer["namespaceSelector"], self.namespaces.get(other.namespace, {})):
                return False
        elif other.namespace != own.namespace:
            return False
        return "podSelector" not in peer or selects(peer["podSelector"], other.labels)


def _types(policy: Object) -> list[str]:
    return policy.get("policyTypes") or (["Ingress", "Egress"] if "egress" in policy else ["Ingress"])


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, cidr: str) -> bool:
    return address in ipaddress.ip_network(cidr)


def _port(ports: list[Object] | None, port: int, protocol: str, server: End) -> bool:
    if not ports:
        return True
    for rule in ports:
        if rule.get("protocol", "TCP") != protocol:
            continue
        wanted = rule.get("port")
        if wanted is None:
            return True
        wanted = server.named_ports.get(wanted) if isinstance(wanted, str) else wanted
        if wanted is not None and wanted <= port <= rule.get("endPort", wanted):
            return True
    return False
