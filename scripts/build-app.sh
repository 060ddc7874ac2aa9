#!/usr/bin/env bash
# Builds the router's image, brings it into the cluster and writes its tag into the overlay.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'USAGE'
Usage: scripts/build-app.sh

Builds cell-router:<tag>, the tag being the last commit that changed what the image is made of, and writes
it into manifests/overlays/kind/router/kustomization.yaml.

  CLUSTER=kind       loads it into the kind cluster
  CLUSTER=existing   calls IMAGE_LOADER, a command that takes the image's name as its last argument:
                     IMAGE_LOADER='path/to/load-image', or one that tags it and pushes it to your registry
  IMAGE_NAME         the name the nodes pull it by, without a tag: IMAGE_NAME=registry.example.com/cell-router.
                     Written into the overlay, where it stays; IMAGE_NAME=cell-router takes it out again
USAGE
}

case ${1:-} in --help | -h) usage; exit ;; esac
check_environment
need yq docker
[ "$ENVIRONMENT" != production ] || fail "production gets its image from the release workflow, by digest; see docs/operations.md."
# Host (and port) and path, no tag: that one comes from the sources.
name='^([a-z0-9.-]+(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)+|cell-router)$'
[[ ${IMAGE_NAME:-cell-router} =~ $name ]] || fail "IMAGE_NAME is a name without a tag, like registry.example.com/cell-router, not \"$IMAGE_NAME\"."

step "image (a few minutes the first time)"
log=$ROOT/target/build-logs/image.log
mkdir -p "$(dirname "$log")"
image=$("$ROOT/scripts/build-image.sh" 2>"$log" | tail -n 1) || {
  tail -n 40 "$log" >&2
  fail "the image could not be built; the whole log is $log"
}
case $image in cell-router:?*) ;; *) fail "scripts/build-image.sh said \"$image\", not cell-router:<tag>." ;; esac
say "$image"

step "into the cluster"
if [ "$CLUSTER" = kind ]; then
  need kind
  kind load docker-image "$image" --name "$KIND_NAME"
elif [ -n "${IMAGE_LOADER:-}" ]; then
  # shellcheck disable=SC2086 # a command and its arguments
  $IMAGE_LOADER "$image"
else
  say "no IMAGE_LOADER given: the cluster must be able to get $image by itself."
fi

file=manifests/overlays/kind/router/kustomization.yaml
before=$(image_in_git)
name=${IMAGE_NAME:-${before%:*}} tag=${image#*:}
if [ "$CLUSTER" = kind ] && [ "$name" != cell-router ]; then
  say "$file says $name, which the cluster has to pull; the image just loaded is cell-router (IMAGE_NAME=cell-router uses it)."
fi
if [ "$before" = "$name:$tag" ]; then
  say "$file names it already"
  exit
fi
NAME=$name TAG=$tag yq -i '(.images[] | select(.name == "cell-router")) |= (.newName = strenv(NAME) | .newTag = strenv(TAG))
  | del(.images[] | select(.name == "cell-router" and .newName == .name) | .newName)' "$ROOT/$file"
say "$file now names $name:$tag: commit and push it, so that Argo CD deploys it."
