#!/usr/bin/env bash
# The JSON logs of the routers or of a cell, one object a line.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/logs.sh [CELL]"
    say
    say "FOLLOW=false: the last hundred lines of each pod only. Of a cell's pods the nginx container's."
    exit
    ;;
esac
need_cluster
follow=--follow
if [ "${FOLLOW:-true}" = false ]; then follow=--follow=false; fi
if [ -n "${1:-}" ]; then
  exec kubectl -n "cell-$1" logs -l app.kubernetes.io/component=cell -c nginx --tail=100 --max-log-requests=20 $follow
fi
exec kubectl -n cell-router logs -l app.kubernetes.io/component=router --tail=100 --max-log-requests=20 $follow
