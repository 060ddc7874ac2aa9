#!/usr/bin/env bash
# The doors to the platform, on this machine's loopback.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/port-forward.sh ingress|grafana|argocd

  ingress   http://localhost:8080 (PORT): the gateway; http://localhost:9000 (MANAGEMENT_PORT): a router's management
  grafana   http://localhost:3000 (PORT), with user and password
  argocd    https://localhost:8081 (PORT), with user and password

GATEWAY_SERVICE (traefik/traefik) names another gateway as namespace/service. Ctrl-C ends it; a connection
that breaks, because its pod went away, is made again.
USAGE
}

# forward NAMESPACE SERVICE LOCAL_PORT PORT: for ever, until this script ends.
forward() {
  while :; do
    kubectl -n "$1" port-forward --address 127.0.0.1 "service/$2" "$3:$4" >/dev/null 2>"$scratch/$2.log" || true
    if grep -qi 'address already in use' "$scratch/$2.log"; then
      printf '%s: port %s is in use on this machine.\n' "$SELF" "$3" >&2
      kill $$
      return
    fi
    sleep 1
  done
}

start() {
  forward "$@" &
  forwards="$forwards $!"
}

# The loop first, or it would start its child anew.
stop() {
  local pid
  trap - EXIT INT TERM
  for pid in $forwards; do
    children=$(pgrep -P "$pid" || true)
    kill "$pid" 2>/dev/null || true
    # shellcheck disable=SC2086
    if [ -n "$children" ]; then kill $children 2>/dev/null || true; fi
  done
  rm -rf "$scratch"
}

answers() { curl -ks --max-time 5 -o /dev/null "$1"; }

service_there() { kubectl -n "$1" get service "$2" >/dev/null 2>&1; }

secret() { kubectl -n "$1" get secret "$2" -o "jsonpath={.data.$3}" 2>/dev/null | base64 -d; }

ingress() {
  local service=${GATEWAY_SERVICE:-traefik/traefik} port=${PORT:-8080} management=${MANAGEMENT_PORT:-9000} target
  service_there cell-router cell-router || fail "there is no router yet: task deploy CLUSTER=$CLUSTER."
  # kind-config.yaml maps 8080 to the gateway already.
  if [ "$CLUSTER" = kind ] && [ "$port" = 8080 ] && answers "http://localhost:8080/health"; then
    say "http://localhost:8080 is the gateway's (kind-config.yaml)"
  else
    service_there "${service%/*}" "${service#*/}" || fail "there is no service $service; name the gateway's with GATEWAY_SERVICE=namespace/service."
    # The Gateway's listener is on 8000; a Service that has another number for it calls it web.
    target=$(kubectl -n "${service%/*}" get service "${service#*/}" -o json |
      yq -p json '[(.spec.ports[] | select(.port == 8000)), (.spec.ports[] | select(.name == "web")), .spec.ports[0]] | .[0].port')
    start "${service%/*}" "${service#*/}" "$port" "$target"
  fi
  start cell-router cell-router "$management" 9000
  wait_for 30 "http://localhost:$port/health" answers "http://localhost:$port/health"
  wait_for 30 "http://localhost:$management/live" answers "http://localhost:$management/live"
  say
  say "curl -s localhost:$port/api/route -H 'Content-Type: application/json' -d '{\"cellID\":\"1\"}'"
}

grafana() {
  local port=${PORT:-3000} service=monitoring-grafana
  service_there monitoring $service || fail "there is no Grafana in the namespace monitoring."
  start monitoring $service "$port" 80
  wait_for 30 "http://localhost:$port" answers "http://localhost:$port/login"
  say
  say "http://localhost:$port/d/golden-signals"
  say "user: $(secret monitoring grafana-admin admin-user)   password: $(secret monitoring grafana-admin admin-password)"
}

argocd() {
  local port=${PORT:-8081} password
  service_there argocd argocd-server || fail "this Argo CD has no web interface (a core install): task get-apps-status CLUSTER=$CLUSTER shows its Applications."
  password=$(secret argocd argocd-initial-admin-secret password) || true
  start argocd argocd-server "$port" 443
  wait_for 30 "https://localhost:$port" answers "https://localhost:$port"
  say
  say "https://localhost:$port (its certificate is its own)"
  say "user: admin   password: ${password:-changed by someone: the initial one is gone}"
}

case ${1:-} in
  --help | -h | "") usage; exit ;;
  ingress | grafana | argocd) ;;
  *) usage >&2; fail "there is no door \"$1\"." ;;
esac
need yq curl
need_cluster
scratch=$(mktemp -d)
forwards=""
trap stop EXIT
trap 'exit 130' INT
trap 'exit 1' TERM
"$1"
say
say "Ctrl-C ends it."
wait
