#!/usr/bin/env bash
# What runs, and what the router says about its cells.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/status.sh"
    say
    say "Pods, scaling and disruption budget of router and cells, and /cells of one router."
    exit
    ;;
esac

# /cells through the pod's own loopback, which no network policy closes.
cells() {
  local pod port=${MANAGEMENT_PORT:-19000} forward tries=0 answer=""
  pod=$(kubectl -n cell-router get pods -l app.kubernetes.io/component=router --field-selector status.phase=Running -o name | sed -n 1p)
  [ -n "$pod" ] || { say "no router runs"; return; }
  kubectl -n cell-router port-forward --address 127.0.0.1 "$pod" "$port:9000" >/dev/null 2>&1 &
  forward=$!
  while [ -z "$answer" ] && [ $tries -lt 20 ]; do
    sleep 0.5
    tries=$((tries + 1))
    answer=$(curl -s --max-time 3 "localhost:$port/cells") || true
  done
  kill "$forward" 2>/dev/null || true
  if [ -n "$answer" ]; then say "$answer" | yq -p json -o yaml; else say "$pod did not answer"; fi
}

need yq curl
need_cluster
step "router"
kubectl -n cell-router get deployment,hpa,pdb,httproute 2>/dev/null || true
kubectl -n cell-router get pods -o wide
step "cells"
kubectl get pods -A -l app.kubernetes.io/part-of=cell-router,app.kubernetes.io/component=cell -o wide
step "/cells of one router"
cells
if argocd_deploys; then
  step "Argo CD"
  "$ROOT/scripts/apps.sh" status
fi
