#!/usr/bin/env bash
# Installs the command line tools of the platform into .tools/bin. Works with the bash 3.2 of macOS.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=versions.env
. "$ROOT/versions.env"
# shellcheck source=.ci/toolchain.sh
. "$ROOT/.ci/toolchain.sh"
# shellcheck source=scripts/tools/catalogue.sh
. "$ROOT/scripts/tools/catalogue.sh"

BIN=${TOOLS_BIN:-$ROOT/.tools/bin}
STAMPS=$(dirname "$BIN")/installed
NAME=$(basename "$0")

usage() {
  cat <<USAGE
Usage: scripts/install-dependencies.sh [--for-tests] [--from download|go] [TOOL...]

Installs $PLATFORM_TOOLS
into .tools/bin, for Linux and macOS on amd64 and arm64, without root; nothing outside the repository
changes. Versions and checksums: versions.env. What is installed already in its version is left alone.

  --for-tests      instead: $TEST_TOOLS,
                   built with Go where there is a Go, else downloaded
  --from download  downloads only; --from go builds only. Default: download, and build with Go what
                   cannot be downloaded (a wrong checksum is never built around)
  TOOL...          only these, of: $ALL_TOOLS

  TOOLS_BIN        another folder than .tools/bin
  TOOLS_MIRROR     where to fetch from instead of https:/ (https://mirror/dl.k8s.io/…)
USAGE
}

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s: %s\n' "$NAME" "$*" >&2
  exit 1
}

main() {
  local tools="" sources=""
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage; return ;;
      --for-tests) tools=${tools:-$TEST_TOOLS} sources=${sources:-go download} ;;
      --from) sources=${2:-}; shift ;;
      -*) fail "there is no option \"$1\"; see --help." ;;
      *) tools="$tools $1" ;;
    esac
    shift
  done
  case ${sources:=download go} in
    download | go | "download go" | "go download") ;;
    *) fail "--from takes download or go." ;;
  esac
  platform=$(tool_platform) || fail "no vendor builds these tools for $(uname -s) on $(uname -m)."
  mkdir -p "$BIN" "$STAMPS"
  local tool missing=""
  for tool in ${tools:-$PLATFORM_TOOLS}; do
    install_tool "$tool" "$sources" || missing="$missing $tool"
  done
  [ -z "$missing" ] || fail "not installed:$missing. What went wrong stands above; run this again, it goes on where it stopped."
}

# A refused checksum (status 2) ends the tool's installation: another source would hide it.
install_tool() {
  local tool=$1 source status why=""
  # shellcheck disable=SC2086 # two words
  describe "$tool" $platform || fail "there is no tool \"$tool\"; there are: $ALL_TOOLS."
  if [ -x "$BIN/$tool" ] && [ "$(cat "$STAMPS/$tool" 2>/dev/null)" = "$version" ]; then
    say "$tool $version: already there"
    return 0
  fi
  for source in $2; do
    status=0
    why=$("from_$source" "$tool" 3>&1 >/dev/null) || status=$?
    if [ "$status" -eq 0 ]; then
      printf '%s\n' "$version" >"$STAMPS/$tool"
      say "$tool $version: $why"
      return 0
    fi
    printf '%s: %s %s: %s\n' "$NAME" "$tool" "$version" "$why" >&2
    if [ "$status" -eq 2 ]; then return 1; fi
  done
  return 1
}

# Both sources say in one line, on descriptor 3, what they did or why they could not.
answer() {
  printf '%s\n' "$2" >&3
  exit "$1"
}

from_download() (
  tool=$1
  pin=$(key_of "$tool")_SHA256_${platform% *}_${platform#* }
  wanted=${!pin:-} origin="the pinned checksum"
  work=$(mktemp -d "$BIN/.fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if [ -z "$wanted" ]; then
    origin="the vendor's checksum"
    download "$sums" "$work/sums" || answer 1 "could not fetch $sums"
    wanted=$(published_sum "$work/sums" "$(basename "$url")") || answer 1 "no checksum of $(basename "$url") in $sums"
  fi
  download "$url" "$work/file" || answer 1 "could not fetch $url"
  actual=$(checksum 256 "$work/file")
  [ "$actual" = "$wanted" ] || answer 2 "the SHA-256 of $url is $actual, $origin is $wanted: nothing was installed"
  if [ -n "$member" ]; then
    tar -xzf "$work/file" -C "$work" "$member" 2>/dev/null || answer 1 "no $member in $url"
    mv "$work/$member" "$work/file"
  fi
  chmod 755 "$work/file"
  mv "$work/file" "$BIN/$tool"
  answer 0 "downloaded, $origin holds"
)

# The module's go.sum is the pin here. A build takes some minutes the first time.
from_go() (
  tool=$1
  [ -n "$package" ] || answer 1 "it cannot be built with Go; no task needs it"
  command -v go >/dev/null || answer 1 "cannot be built: there is no Go (https://go.dev/dl)"
  work=$(mktemp -d "$BIN/.build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  case $tool in
    helm) name=helm.sh/helm/v4/internal/version.version=v$version ;;
    kubectl) name=k8s.io/component-base/version.gitVersion=v$version ;;
    kubeseal) name=main.VERSION=$version ;;
    *) name=main.version=$version ;;
  esac
  printf 'building %s %s with Go\n' "$tool" "$version" >&2
  cd "$ROOT/scripts/tools/$tool"
  CGO_ENABLED=0 GOWORK=off GOFLAGS="${GOFLAGS:-} -mod=readonly" go build -trimpath -ldflags "-s -w -X $name" -o "$work/file" "$package" \
    >"$work/log" 2>&1 || answer 1 "go build failed: $(tail -n 1 "$work/log")"
  mv "$work/file" "$BIN/$tool"
  answer 0 "built with Go from its module"
)

main "$@"
