#!/usr/bin/env bash
# The usual suspects, in the order in which they explain each other.
# shellcheck disable=SC2016 # the dollars are yq's
set -uo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
  --help | -h)
    say "Usage: scripts/troubleshoot.sh"
    say
    say "Collects what usually explains a platform that does not work. Reads only; no key and no Secret is shown."
    exit
    ;;
esac

namespaces() {
  { say cell-router traefik monitoring argocd; kubectl get namespaces -l app.kubernetes.io/part-of=cell-router -o name 2>/dev/null | cut -d / -f 2; } |
    tr ' ' '\n' | sort -u
}

# look WHAT COMMAND...: what it finds, or "nothing".
look() {
  local found
  step "$1"
  shift
  found=$("$@" 2>&1) || true
  say "${found:-nothing}"
}

not_ready() {
  local namespace
  for namespace in $(namespaces); do
    kubectl -n "$namespace" get pods -o json 2>/dev/null | NS=$namespace yq -p json '.items[]
      | select(.status.phase != "Succeeded")
      | select([.status.conditions[] | select(.type == "Ready" and .status == "True")] | length == 0)
      | strenv(NS) + "/" + .metadata.name + " " + .status.phase + " "
        + ([.status.containerStatuses[].state.waiting.reason, .status.conditions[].message] | map(select(. != null)) | join("; "))'
  done
}

restarted() {
  local namespace
  for namespace in $(namespaces); do
    kubectl -n "$namespace" get pods -o json 2>/dev/null | NS=$namespace yq -p json '.items[] | . as $pod | .status.containerStatuses[]
      | select(.restartCount > 0)
      | strenv(NS) + "/" + $pod.metadata.name + " " + .name + ": " + (.restartCount | tostring) + " times, last "
        + (.lastState.terminated.reason // "?") + " " + (.lastState.terminated.exitCode // "" | tostring)'
  done
}

warnings() {
  local namespace
  for namespace in $(namespaces); do
    kubectl -n "$namespace" get events --field-selector type=Warning --sort-by=.lastTimestamp \
      -o custom-columns=NAMESPACE:.metadata.namespace,OBJECT:.involvedObject.name,REASON:.reason,MESSAGE:.message --no-headers 2>/dev/null | tail -n 8
  done
}

router_complaints() {
  kubectl -n cell-router logs -l app.kubernetes.io/component=router --tail=2000 --prefix=false 2>/dev/null |
    grep -E '"level":"(WARN|ERROR)"' | tail -n 10
}

quotas() {
  kubectl get events -A --field-selector reason=FailedCreate -o custom-columns=NAMESPACE:.metadata.namespace,MESSAGE:.message --no-headers 2>/dev/null | tail -n 5
}

gateway() {
  kubectl get gatewayclass,gateway,httproute -A -o json 2>/dev/null | yq -p json '.items[] | . as $object
    | ([.status.conditions[], .status.parents[].conditions[]] | map(select(. != null and .status == "False")))[]
    | $object.kind + " " + $object.metadata.name + ": " + .type + " is False: " + .message'
}

image() {
  local running
  running=$(kubectl -n cell-router get deployment cell-router -o jsonpath='{.spec.template.spec.containers[0].image}' 2>/dev/null)
  say "running: ${running:-none}"
  say "in Git:  $(image_in_git)"
  say "sources: $("$ROOT/scripts/build-image.sh" --print-tag 2>/dev/null || say '?')"
}

check_environment
need kubectl yq
step "cluster"
cluster_answers || fail "no cluster answers (CLUSTER=$CLUSTER, KUBECONFIG=${KUBECONFIG:-~/.kube/config})."
kubectl get nodes -o wide
look "Argo CD's Applications that are not synced and healthy" sh -c "'$ROOT/scripts/apps.sh' status | grep -Ev '^WAVE|Synced *Healthy'"
look "pods that are not ready" not_ready
look "containers that were restarted" restarted
look "pods that were refused (quota, admission policies, Pod Security)" quotas
look "the gateway" gateway
look "warnings" warnings
look "image" image
look "autoscaler" kubectl -n cell-router get hpa,pdb
look "the routers' warnings and errors" router_complaints
