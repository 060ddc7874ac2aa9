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
USAGE
}

case ${1:-} in --help | -h) usage; exit ;; esac
check_environment
need yq docker
[ "$ENVIRONMENT" != production ] || fail "production gets its image from the release workflow, by digest; see docs/operations.md."

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
if [ "$(image_in_git)" = "$image" ]; then
  say "$file names it already"
  exit
fi
TAG=${image#*:} yq -i '(.images[] | select(.name == "cell-router") | .newTag) = strenv(TAG)' "$ROOT/$file"
say "$file now names $image: commit and push it, so that Argo CD deploys it."
