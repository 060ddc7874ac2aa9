#!/usr/bin/env bash
# Gives Argo CD the app of apps, and waits for the waves.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/bootstrap-apps.sh"
    say
    say "Applies argocd/bootstrap/<environment>: the projects and the root Application; the rest comes from Git."
    say "Before that, once, a random password for Grafana. Then Argo CD looks at Git, and every Application is waited for, wave by wave."
    exit
    ;;
esac

check_environment
need kustomize yq
need_cluster
"$ROOT/scripts/grafana-password.sh"
step "argocd/bootstrap/$ENVIRONMENT from $(repository_url), $(repository_revision)"
kustomize build "$ROOT/argocd/bootstrap/$ENVIRONMENT" | kubectl apply --server-side --force-conflicts -f -
step "waves"
# Not just until all is well: after an earlier deployment it is, with the commit before.
exec "$ROOT/scripts/apps.sh" sync
