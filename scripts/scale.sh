#!/usr/bin/env bash
# Sets how many routers there are at least and at most.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/scale.sh MIN [MAX]

Writes the bounds of the HorizontalPodAutoscaler into the environment's router overlay: within them the
autoscaler decides, so a number of pods cannot be set by hand. MIN is at least 2; MAX defaults to the
larger of MIN and what it is now.
USAGE
}

number() { case $1 in "" | 0* | *[!0-9]*) return 1 ;; esac; }

case ${1:-} in --help | -h | "") usage; exit ;; esac
check_environment
need yq kustomize
min=$1
{ number "$min" && [ "$min" -ge 2 ]; } || fail "MIN is a number, at least 2: one router alone makes every restart an outage."
folder=manifests/overlays/$OVERLAY/router
now=$(kustomize build "$ROOT/$folder" | yq 'select(.kind == "HorizontalPodAutoscaler") | .spec.maxReplicas')
max=${2:-$((min > now ? min : now))}
{ number "$max" && [ "$max" -ge "$min" ]; } || fail "MAX is a number, at least MIN ($min)."

patch="- op: replace
  path: /spec/minReplicas
  value: $min
- op: replace
  path: /spec/maxReplicas
  value: $max
"
# One patch, replaced each time; recognised by the target's name.
PATCH=$patch yq -i '
  .patches = ((.patches // []) | map(select((.target.kind != "HorizontalPodAutoscaler") or (has("path"))))) + [
    {"target": {"kind": "HorizontalPodAutoscaler", "name": "cell-router"}, "patch": strenv(PATCH)}]
' "$ROOT/$folder/kustomization.yaml"
say "$folder: $min to $max routers"
say_how_to_deliver "$folder"
