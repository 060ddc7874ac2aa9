#!/usr/bin/env bash
# Argo CD's Applications of this project: their state, waiting for them, a sync now.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/apps.sh status|wait|sync

  status   each Application with its wave, sync and health
  wait     until all that this environment should have are synced and healthy (TIMEOUT, 1800 s)
  sync     looks for new commits now, instead of within Argo CD's interval, and waits
USAGE
}

# wave name sync health message; one that is still to be compared with Git is Refreshing, whatever it was.
states() {
  kubectl -n argocd get applications.argoproj.io -l app.kubernetes.io/part-of=cell-router -o json | yq -p json -o tsv '
    [.items[] | [
      .metadata.annotations["argocd.argoproj.io/sync-wave"] // "-",
      .metadata.name,
      .status.sync.status // "Unknown",
      .status.health.status // "Unknown",
      .metadata.annotations["argocd.argoproj.io/refresh"] // "-",
      (.status.conditions // [] | map(.message) | join("; ") | sub("[\n\t]+"; " "))
    ]]' | awk -F '\t' -v OFS='\t' '{ print $1, $2, $5 == "-" ? $3 : "Refreshing", $4, $6 }' | sort
}

show() {
  printf '%-5s %-16s %-10s %-12s %s\n' WAVE APPLICATION SYNC HEALTH ""
  states | awk -F '\t' '{ printf "%-5s %-16s %-10s %-12s %s\n", $1, $2, $3, $4, substr($5, 1, 160) }'
}

# Prints how many are done and who is being waited for, the lowest wave first.
all_done() {
  states >"$scratch/states"
  awk -F '\t' -v expected="$scratch/expected" '
    { state[$2] = $3 "/" $4 }
    END {
      while ((getline line < expected) > 0) {
        split(line, field, "\t"); total++
        now = (field[2] in state) ? state[field[2]] : "not there yet"
        if (now == "Synced/Healthy") { done++; continue }
        if (waiting == "") wave = field[1]
        if (field[1] == wave) waiting = waiting " " field[2] " (" now ")"
      }
      printf "%d of %d%s", done, total, waiting == "" ? "" : "; wave " wave ":" waiting
      exit waiting != "" || total == 0
    }' "$scratch/states"
}

wait_for_all() {
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  applications | yq -o tsv '[.metadata.annotations["argocd.argoproj.io/sync-wave"], .metadata.name]' | grep -v '^---' | sort -n >"$scratch/expected"
  wait_for "${TIMEOUT:-1800}" "Applications" all_done
}

case ${1:-} in
  --help | -h | "") usage; exit ;;
  status | wait | sync) ;;
  *) usage >&2; fail "there is no \"$1\"." ;;
esac
check_environment
need yq kustomize
need_cluster
case $1 in
  status) show ;;
  wait) wait_for_all; show ;;
  sync)
    kubectl -n argocd annotate applications.argoproj.io -l app.kubernetes.io/part-of=cell-router argocd.argoproj.io/refresh=normal --overwrite
    wait_for_all
    ;;
esac
