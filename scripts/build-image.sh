#!/usr/bin/env bash
# Builds the router's image; see --help. Works with the bash 3.2 of macOS.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=versions.env
. "$ROOT/versions.env"

NAME=cell-router
# What the image is made of (.dockerignore lets through the same), beside the pins of the base images.
INPUTS=(Dockerfile .dockerignore .mvn pom.xml LICENSE src/main jlink ':(exclude)jlink/*.md' ':(exclude)jlink/*-test.sh')
PINS='/^# base images: begin/,/^# base images: end/'

usage() {
  cat <<'USAGE'
Usage: scripts/build-image.sh [OPTIONS]

Builds cell-router:<tag> and writes target/bom.json, its bill of materials (CycloneDX). The tag is the
last commit that changed what the image is made of; with changes that are not committed, that and a
hash of them, so that no tag ever stands for two contents. The last line printed is the name.

  --print-tag          print the name and build nothing
  --require-digests    refuse base images without a digest (what a release does)
  --no-cache           build every step anew
  --push-to-kind NAME  load it into the kind cluster NAME
  --load COMMAND       call COMMAND with the name, to bring it to a cluster or registry

Environment
  DOCKER               the docker command; default: the first that has BuildKit
  IMAGE_SOURCE         URL for the label "source"; default: that of argocd/settings/repository.yaml
  JDK_IMAGE, MAVEN_IMAGE, RUNTIME_IMAGE and …_DIGEST   as in versions.env

A base image that was made on this machine has no digest; it is used as it is, and that is said.
USAGE
}

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "build-image: $*"
  exit 1
}

in_git() { git -C "$ROOT" "$@"; }

# --- the tag --------------------------------------------------------------------------------

pins() { sed -n "${PINS}p"; }

changed() {
  [ -n "$(in_git status --porcelain -- "${INPUTS[@]}")" ] ||
    [ "$(pins <"$ROOT/versions.env")" != "$(in_git show HEAD:versions.env | pins)" ]
}

content_hash() {
  {
    pins <"$ROOT/versions.env"
    in_git ls-files --cached --others --exclude-standard -- "${INPUTS[@]}" | LC_ALL=C sort |
      while IFS= read -r file; do
        if [ -f "$ROOT/$file" ]; then printf '%s %s\n' "$file" "$(in_git hash-object -- "$file")"; fi
      done
  } | in_git hash-object --stdin | cut -c 1-8
}

# The later of two commits: that of the files, and that of the pins.
last_commit() {
  local files base
  files=$(in_git log -1 --format=%H -- "${INPUTS[@]}")
  base=$(in_git log -1 --format=%H -s -L "$PINS:versions.env" 2>/dev/null | head -n 1)
  if [ -n "$base" ] && in_git merge-base --is-ancestor "$files" "$base"; then echo "$base"; else echo "$files"; fi
}

find_tag() {
  in_git rev-parse --git-dir >/dev/null 2>&1 || fail "the tag is a commit: this is not a Git work tree."
  [ "$(in_git rev-parse --is-shallow-repository)" = false ] ||
    fail "the tag is the last commit that changed the image: fetch the whole history (git fetch --unshallow)."
  COMMIT=$(last_commit)
  TAG=$(in_git rev-parse --short=12 "$COMMIT")
  if changed; then TAG=$TAG-dirty-$(content_hash); fi
}

# --- building -------------------------------------------------------------------------------

# Before version 23 BuildKit is part of the client; from then on it is the plugin buildx.
has_buildkit() {
  local version
  if "$1" buildx version >/dev/null 2>&1; then return 0; fi
  version=$("$1" --version 2>/dev/null | sed -n 's/^Docker version \([0-9]*\).*/\1/p')
  [ -n "$version" ] && [ "$version" -lt 23 ]
}

find_docker() {
  local found
  if [ -n "${DOCKER:-}" ]; then return; fi
  while IFS= read -r found; do
    if has_buildkit "$found"; then
      DOCKER=$found
      return
    fi
  done <<CLIENTS
$(type -ap docker || true)
CLIENTS
  fail "no docker with BuildKit found: install docker and its plugin buildx."
}

# base NAME: the image with its digest, or without one if it was made on this machine.
base() {
  local image=${!1} digest pinned=$1_DIGEST
  digest=${!pinned:-}
  if [ -n "$digest" ] && ! made_here "$image"; then
    printf '%s@%s\n' "$image" "$digest"
    return
  fi
  [ "$REQUIRE_DIGESTS" = no ] || fail "$image has no digest: run scripts/pin-images.sh."
  say "$1: $image, not pinned by a digest"
  printf '%s\n' "$image"
}

made_here() {
  [ "$("$DOCKER" image inspect --format '{{len .RepoDigests}}' "$1" 2>/dev/null)" = 0 ]
}

source_url() {
  if [ -n "${IMAGE_SOURCE:-}" ]; then
    printf '%s\n' "$IMAGE_SOURCE"
  else
    sed -n 's/^  url: *//p' "$ROOT/argocd/settings/repository.yaml" | head -n 1
  fi
}

version() {
  sed -n 's|^  <version>\(.*\)</version>|\1|p' "$ROOT/pom.xml" | head -n 1
}

build() {
  local jdk maven runtime
  jdk=$(base JDK_IMAGE)
  maven=$(base MAVEN_IMAGE)
  runtime=$(base RUNTIME_IMAGE)
  # shellcheck disable=SC2086 # one option or none
  DOCKER_BUILDKIT=1 "$DOCKER" build --pull=false --progress=plain $NO_CACHE --tag "$IMAGE" \
    --build-arg "JDK_IMAGE=$jdk" --build-arg "MAVEN_IMAGE=$maven" --build-arg "RUNTIME_IMAGE=$runtime" \
    --build-arg "VERSION=$(version)" --build-arg "REVISION=$(in_git rev-parse "$COMMIT")" \
    --build-arg "SOURCE=$(source_url)" \
    --build-arg "CREATED=$(TZ=UTC0 in_git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd "$COMMIT")" \
    "$ROOT" >&2
}

# Beside the image lies its bill of materials, the very one that is in it.
copy_bom() {
  local container
  mkdir -p "$ROOT/target"
  container=$("$DOCKER" create "$IMAGE")
  "$DOCKER" cp "$container:/opt/cell-router/bom.json" "$ROOT/target/bom.json" >/dev/null
  "$DOCKER" rm "$container" >/dev/null
}

compressed_size() {
  "$DOCKER" save "$IMAGE" | gzip | wc -c | awk '{ printf "%.1f MB", $1 / 1000000 }'
}

main() {
  local print_only=no kind="" load=""
  NO_CACHE="" REQUIRE_DIGESTS=no
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage; return ;;
      --print-tag) print_only=yes ;;
      --require-digests) REQUIRE_DIGESTS=yes ;;
      --no-cache) NO_CACHE=--no-cache ;;
      --push-to-kind) kind=${2:?"the name of a kind cluster"}; shift ;;
      --load) load=${2:?"a command"}; shift ;;
      *) usage >&2; fail "unknown option \"$1\"." ;;
    esac
    shift
  done
  find_tag
  IMAGE=$NAME:$TAG
  if [ "$print_only" = no ]; then
    find_docker
    build
    copy_bom
    say "$IMAGE: $(compressed_size) compressed, bill of materials in target/bom.json"
    if [ -n "$kind" ]; then kind load docker-image "$IMAGE" --name "$kind" >&2; fi
    # shellcheck disable=SC2086 # a command and its arguments
    if [ -n "$load" ]; then $load "$IMAGE" >&2; fi
  fi
  printf '%s\n' "$IMAGE"
}

main "$@"
