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
  sync     looks for new commits now, instead of within Argo CD's interval, and waits until all that comes
           from the repository is at the commit that is there now; when the repository cannot be asked
           from here, until Argo CD has looked
USAGE
}

# wave name sync health revision message; one that is still to be compared with Git is Refreshing, whatever it was.
states() {
  kubectl -n argocd get applications.argoproj.io -l app.kubernetes.io/part-of=cell-router -o json | yq -p json -o tsv '
    [.items[] | [
      .metadata.annotations["argocd.argoproj.io/sync-wave"] // "-",
      .metadata.name,
      .status.sync.status // "Unknown",
      .status.health.status // "Unknown",
      .metadata.annotations["argocd.argoproj.io/refresh"] // "-",
      (select(.metadata.labels["cell-router.io/source"] == "repository") | .status.sync.revision) // "-",
      (.status.conditions // [] | map(.message) | join("; ") | sub("[\n\t]+"; " "))
    ]]' | awk -F '\t' -v OFS='\t' '{ print $1, $2, $5 == "-" ? $3 : "Refreshing", $4, $6, $7 }' | sort
}

show() {
  printf '%-5s %-16s %-10s %-12s %s\n' WAVE APPLICATION SYNC HEALTH ""
  states | awk -F '\t' '{ printf "%-5s %-16s %-10s %-12s %s\n", $1, $2, $3, $4, substr($6, 1, 160) }'
}

# Prints how many are done and who is being waited for, the lowest wave first. With commits that have to be
# there, done is who is at one of them; with the root, which brings in the others, only when it has done so.
all_done() {
  local status=0
  states >"$scratch/states"
  awk -F '\t' -v expected="$scratch/expected" -v commits="$scratch/commits" -v root="$root" '
    function at_another(name) { return known && (name in revision) && revision[name] != "-" && !(revision[name] in commit) }
    { state[$2] = $3 "/" $4; revision[$2] = $5; sync[$2] = $3 }
    END {
      while ((getline line < commits) > 0) { commit[line]; known = 1 }
      while ((getline line < expected) > 0) {
        split(line, field, "\t"); total++
        now = (field[2] in state) ? state[field[2]] : "not there yet"
        if (now == "Synced/Healthy" && at_another(field[2])) now = "at commit " substr(revision[field[2]], 1, 12)
        if (now == "Synced/Healthy") { done++; continue }
        if (waiting == "") wave = field[1]
        if (field[1] == wave) waiting = waiting " " field[2] " (" now ")"
      }
      if (waiting != "") waiting = "; wave " wave ":" waiting
      else if (root && ("root" in sync) && sync["root"] != "Synced") waiting = "; root (" sync["root"] ")"
      else if (root && at_another("root")) waiting = "; root (at commit " substr(revision["root"], 1, 12) ")"
      printf "%d of %d%s", done, total, waiting
      exit waiting != "" || total == 0
    }' "$scratch/states" || status=$?
  # Who is at another commit may be at a newer one.
  if [ $status -ne 0 ] && [ -s "$scratch/commits" ] && commits_in_repository >"$scratch/asked" && [ -s "$scratch/asked" ]; then
    cat "$scratch/asked" >"$scratch/commits"
  fi
  return $status
}

prepare() {
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  : >"$scratch/commits"
  root=""
}

wait_for_all() {
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
  wait)
    prepare
    wait_for_all
    show
    ;;
  sync)
    prepare
    root=1
    # Asked before Argo CD is: what it then finds is that commit, or a later one.
    if commits_in_repository >"$scratch/commits" && [ -s "$scratch/commits" ]; then
      say "$(repository_url), $(repository_revision): $(tail -n 1 "$scratch/commits")"
    else
      : >"$scratch/commits"
      say "$(repository_url) cannot be asked from here for its commit: waiting until Argo CD has looked."
    fi
    kubectl -n argocd annotate applications.argoproj.io -l app.kubernetes.io/part-of=cell-router argocd.argoproj.io/refresh=normal --overwrite
    wait_for_all
    show
    ;;
esac
