#!/usr/bin/env bash
# Makes Grafana's random password, once: a Secret in the cluster, nothing in Git.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/grafana-password.sh"
    say
    say "Makes the Secret grafana-admin in the namespace monitoring unless it is there."
    exit
    ;;
esac

check_environment
if [ "$ENVIRONMENT" = existing ]; then exit; fi
need kustomize yq
need_cluster
if kubectl -n monitoring get secret grafana-admin >/dev/null 2>&1; then exit; fi
# The namespace as Argo CD will find it, with its labels.
path=$(applications | yq 'select(.metadata.name == "namespaces") | .spec.source.path')
kustomize build "$ROOT/$path" | yq 'select(.kind == "Namespace" and .metadata.name == "monitoring")' | kubectl apply -f -
# By a file, so that the password is in no argument list.
umask 077
secret=$(mktemp)
trap 'rm -f "$secret"' EXIT
head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' >"$secret"
kubectl -n monitoring create secret generic grafana-admin --from-literal=admin-user=admin --from-file=admin-password="$secret"
