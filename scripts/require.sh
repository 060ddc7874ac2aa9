#!/usr/bin/env bash
# The conditions that tasks ask before they start; Taskfile.yml says what to do when one does not hold.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/require.sh CONDITION [ARGUMENT...]

  tools NAME...      these are in .tools/bin or on the PATH
  docker             a Docker daemon answers
  cluster            the cluster answers
  environment        CLUSTER and ENVIRONMENT have values that exist
  repository         argocd/settings/repository.yaml names a real repository
  image-in-git       the overlay's image tag is that of the sources
  pushed             what Argo CD would deploy is committed, and pushed
  argocd             Argo CD runs in the cluster
  deployed           the router is in the cluster
  router-at URL      a router answers there
USAGE
}

paths_in_git="manifests argocd alert-rules grafana-dashboards"

# The repository's answer is asked for; when it cannot be (no network, no access), only the commit counts.
is_pushed() {
  local there
  # shellcheck disable=SC2086
  [ -z "$(git -C "$ROOT" status --porcelain -- $paths_in_git)" ] || return 1
  there=$(GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="ssh -o BatchMode=yes -o ConnectTimeout=10" git ls-remote "$(repository_url)" "$(repository_revision)" 2>/dev/null | cut -f 1 | head -n 1) || return 0
  if [ -z "$there" ]; then return 0; fi
  # Later commits that do not touch what is deployed need not be pushed.
  # shellcheck disable=SC2086
  git -C "$ROOT" diff --quiet "$there" HEAD -- $paths_in_git 2>/dev/null
}

condition=${1:---help}
if [ $# -gt 0 ]; then shift; fi
case $condition in
  --help | -h) usage ;;
  tools) need "$@" ;;
  docker) docker info >/dev/null 2>&1 ;;
  cluster) need_cluster ;;
  environment) check_environment ;;
  repository)
    need yq
    case $(repository_url) in "" | null | *example.com*) exit 1 ;; esac
    ;;
  image-in-git)
    [ "$ENVIRONMENT" = production ] || [ "cell-router:$(tag_in_git)" = "$("$ROOT/scripts/build-image.sh" --print-tag)" ]
    ;;
  pushed) is_pushed ;;
  argocd) kubectl -n argocd get statefulset,deployment -l app.kubernetes.io/name=argocd-application-controller -o name 2>/dev/null | grep -q . ;;
  deployed) kubectl -n cell-router get deployment cell-router >/dev/null 2>&1 ;;
  router-at) curl -fsS --max-time 5 -o /dev/null "$1/health" 2>/dev/null ;;
  *)
    usage >&2
    fail "there is no condition \"$condition\"."
    ;;
esac
