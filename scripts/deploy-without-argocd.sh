#!/usr/bin/env bash
# Deploys the same Applications in the same waves, with kustomize and helm instead of Argo CD.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/deploy-without-argocd.sh [APPLICATION...]

Walks through argocd/environments/<environment> by wave. An Application that names a folder of this
repository is built from the working tree and applied; one that names a chart is installed with helm, with
the version and the values that stand there. The next wave starts when the workloads of one are ready.

Refuses while Argo CD deploys this project in the cluster: it would undo the changes.
Removes nothing: what left the manifests stays until it is deleted by hand.
USAGE
}

# attribute NAME PATH: one value of an Application.
attribute() {
  NAME=$1 yq "select(.metadata.name == strenv(NAME)) | $2 // \"\"" "$scratch/applications"
}

deploy() {
  local name=$1 namespace chart path
  namespace=$(attribute "$name" .spec.destination.namespace)
  chart=$(attribute "$name" .spec.source.chart)
  path=$(attribute "$name" .spec.source.path)
  step "wave $2: $name"
  if [ -n "$chart" ]; then
    install_chart "$name" "$namespace" "$chart"
  elif [ "$(attribute "$name" '.metadata.labels["cell-router.io/source"]')" = repository ]; then
    kustomize build "$ROOT/$path" | apply "$name"
  else
    kustomize build "$(attribute "$name" .spec.source.repoURL)//$path?ref=$(attribute "$name" .spec.source.targetRevision)" | apply "$name"
  fi
}

# Server-side, since some objects are larger than an annotation may be. Every object names its namespace.
apply() {
  kubectl apply --server-side --force-conflicts -f - >"$scratch/apply.log" 2>&1 || fail "$1: $(grep -v 'serverside-applied$' "$scratch/apply.log")"
  say "$(grep -c 'serverside-applied$' "$scratch/apply.log" || true) objects applied"
}

install_chart() {
  local skip=""
  if [ "$(attribute "$1" .spec.source.helm.skipCrds)" = true ]; then skip=--skip-crds; fi
  attribute "$1" .spec.source.helm.valuesObject >"$scratch/values.yaml"
  # shellcheck disable=SC2086
  helm upgrade --install "$(attribute "$1" .spec.source.helm.releaseName)" "$3" --namespace "$2" \
    --repo "$(attribute "$1" .spec.source.repoURL)" --version "$(attribute "$1" .spec.source.targetRevision)" \
    --values "$scratch/values.yaml" $skip >"$scratch/helm.log" 2>&1 || fail "$1: $(tail -n 3 "$scratch/helm.log")"
}

case ${1:-} in --help | -h) usage; exit ;; esac
check_environment
need kubectl kustomize yq
if [ "$ENVIRONMENT" != existing ]; then need helm; fi
need_cluster
if argocd_deploys; then fail "Argo CD deploys this project here: commit and push instead (task sync-all-apps)."; fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
applications >"$scratch/applications"
yq -o tsv '[.metadata.annotations["argocd.argoproj.io/sync-wave"], .metadata.name, .spec.destination.namespace]' \
  "$scratch/applications" | grep -v '^---' | sort -n >"$scratch/order"

wave="" namespaces=""
finish_wave() {
  local namespace
  # shellcheck disable=SC2086 # one a word
  for namespace in $(printf '%s\n' $namespaces | sort -u); do
    wait_for 900 "wave $wave, $namespace" rolled_out "$namespace"
  done
  namespaces=""
}
while IFS=$'\t' read -r number name namespace <&3; do
  if [ $# -gt 0 ]; then case " $* " in *" $name "*) ;; *) continue ;; esac; fi
  if [ "$number" != "$wave" ]; then finish_wave; fi
  wave=$number namespaces="$namespaces $namespace"
  deploy "$name" "$number"
  if [ "$name" = namespaces ]; then "$ROOT/scripts/grafana-password.sh"; fi
done 3<"$scratch/order"
finish_wave
step "done"
say "task status CLUSTER=$CLUSTER; task port-forward-ingress CLUSTER=$CLUSTER"
