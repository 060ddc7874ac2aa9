"""Pod Security's profile `restricted`, as the API server would judge a pod.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ (controls of baseline and restricted, Linux pods).
"""

from collections.abc import Iterator

from .objects import Object, at

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}


def violations(spec: Object) -> Iterator[str]:
    """What of a pod's spec the profile refuses."""
    for shared in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(shared):
            yield shared
    for volume in spec.get("volumes", []):
        if kinds := set(volume) - {"name"} - VOLUMES:
            yield f"volume {volume['name']} is {'/'.join(kinds)}"
    pod = spec.get("securityContext", {})
    for sysctl in pod.get("sysctls", []):
        if sysctl["name"] not in SYSCTLS:
            yield f"sysctl {sysctl['name']}"
    yield from _context("pod", pod)
    for container in [
        *spec.get("initContainers", []),
        *spec.get("containers", []),
        *spec.get("ephemeralContainers", []),
    ]:
        yield from _container(container, pod)


def _container(container: Object, pod: Object) -> Iterator[str]:
    who, context = container["name"], container.get("securityContext", {})
    yield from _context(who, context)
    if context.get("privileged"):
        yield f"{who} is privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{who} may gain privileges"
    if "ALL" not in at(context, "capabilities", "drop", default=[]):
        yield f"{who} keeps capabilities"
    if added := set(at(context, "capabilities", "add", default=[])) - {"NET_BIND_SERVICE"}:
        yield f"{who} adds {sorted(added)}"
    if context.get("procMount", "Default") != "Default":
        yield f"{who} unmasks /proc"
    if context.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield f"{who} may run as root"
    if at(context, "seccompProfile", "type", default=at(pod, "seccompProfile", "type")) not in (
        "RuntimeDefault",
        "Localhost",
    ):
        yield f"{who} has no seccomp profile"
    for port in container.get("ports", []):
        if port.get("hostPort"):
            yield f"{who} takes port {port['hostPort']} of the host"
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if at(container, kind, "httpGet", "host") or at(container, kind, "tcpSocket", "host"):
            yield f"{kind} of {who} names a host"


def _context(who: str, context: Object) -> Iterator[str]:
    """What both a pod's and a container's security context can say."""
    if context.get("runAsUser") == 0:
        yield f"{who} runs as user 0"
    if at(context, "seLinuxOptions", "type", default="") not in SELINUX_TYPES:
        yield f"{who} has the SELinux type {context['seLinuxOptions']['type']}"
    if at(context, "seLinuxOptions", "user") or at(context, "seLinuxOptions", "role"):
        yield f"{who} sets an SELinux user or role"
    if at(context, "appArmorProfile", "type") == "Unconfined":
        yield f"{who} is not confined by AppArmor"
    if at(context, "seccompProfile", "type") == "Unconfined":
        yield f"{who} is not confined by seccomp"
    if at(context, "windowsOptions", "hostProcess"):
        yield f"{who} is a host process"
