#!/usr/bin/env bash
# Takes a cell out of service, or back in, in the router's configuration.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/drain-cell.sh ID [draining|disabled|active]

Writes the cell's state (default: draining) into cells.yaml of the environment's router overlay. The
generated ConfigMap gets a new name, so the routers roll: requests in flight end, new ones for this cell
get 503 cell_draining, other cells notice nothing.
USAGE
}

case ${1:-} in --help | -h | "") usage; exit ;; esac
check_environment
need yq
id=$1 state=${2:-draining} file=manifests/overlays/$OVERLAY/router/cells.yaml
case $state in active | draining | disabled) ;; *) fail "a cell is active, draining or disabled, not \"$state\"." ;; esac
[ "$(ID=$id yq '.cells | has(strenv(ID))' "$ROOT/$file")" = true ] ||
  fail "there is no cell \"$id\" in $file; there are: $(yq '.cells | keys | join(", ")' "$ROOT/$file")."
now=$(ID=$id yq '.cells[strenv(ID)].state // "active"' "$ROOT/$file")
if [ "$now" = "$state" ]; then
  say "cell $id is $state already in $file"
  exit
fi
if [ "$state" = active ]; then
  ID=$id yq -i 'del(.cells[strenv(ID)].state)' "$ROOT/$file"
else
  ID=$id STATE=$state yq -i '.cells[strenv(ID)].state = strenv(STATE)' "$ROOT/$file"
fi
say "cell $id: $now -> $state in $file"
say_how_to_deliver "$file"
if [ "$state" != active ]; then say "Back into service: task drain-cell ID=$id STATE=active"; fi
