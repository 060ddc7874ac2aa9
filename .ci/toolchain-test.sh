#!/usr/bin/env bash
# Tests how a JDK and a Maven are found and fetched, against archives and a web server made here:
# nothing outside this machine is asked. Ends with "N passed, N failed".
set -euo pipefail

case ${1:-} in
  --help | -h)
    echo "Usage: .ci/toolchain-test.sh   tests .ci/toolchain.sh; needs python3 for a local web server"
    exit 0
    ;;
esac

here=$(cd "$(dirname "$0")" && pwd -P)
work=$(mktemp -d)
server=""
passed=0
failed=0

clean_up() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap clean_up EXIT

# --- what is fetched and found --------------------------------------------------------------

make_jdk() { # FOLDER VERSION
  mkdir -p "$1/bin"
  printf 'JAVA_VERSION="%s"\n' "$2" >"$1/release"
  printf '#!/bin/sh\nexit 0\n' >"$1/bin/java"
  chmod +x "$1/bin/java"
  cp "$1/bin/java" "$1/bin/javac"
  cp "$1/bin/java" "$1/bin/jlink"
}

make_maven() { # FOLDER VERSION
  mkdir -p "$1/bin"
  printf '#!/bin/sh\necho "Apache Maven %s (made for a test)"\n' "$2" >"$1/bin/mvn"
  chmod +x "$1/bin/mvn"
}

# The folders of the web server, as the vendors lay them out.
publish() {
  local www=$work/www platform name
  platform=$(in_toolchain jdk_platform)
  name=OpenJDK25U-jdk_${platform##*_}_${platform%%_*}_hotspot_25.9.9_1.tar.gz
  jdk_archive=$www/jdk/jdk-25.9.9+1/$name
  maven_archive=$www/maven/3.9.99/binaries/apache-maven-3.9.99-bin.tar.gz
  mkdir -p "$(dirname "$jdk_archive")" "$(dirname "$maven_archive")"
  make_jdk "$work/made/jdk-25.9.9+1" 25.9.9
  make_maven "$work/made/apache-maven-3.9.99" 3.9.99
  tar -czf "$jdk_archive" -C "$work/made" jdk-25.9.9+1
  tar -czf "$maven_archive" -C "$work/made" apache-maven-3.9.99
  jdk_sum=$(in_toolchain checksum 256 "$jdk_archive")
  printf '%s  %s\n' "$jdk_sum" "$name" >"$jdk_archive.sha256.txt"
  in_toolchain checksum 512 "$maven_archive" >"$maven_archive.sha512"
}

start_server() {
  python3 -u -m http.server --bind 127.0.0.1 --directory "$work/www" 0 >"$work/server.log" 2>&1 &
  server=$!
  local port="" tries=0
  while [ -z "$port" ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
    port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$work/server.log" | head -n 1)
  done
  [ -n "$port" ] || { echo "the local web server did not start" >&2; exit 1; }
  url=http://127.0.0.1:$port
}

# in_toolchain COMMAND...: in a fresh shell with an empty project, and a machine that has only what
# the HAS_ variables say, and the everyday tools.
in_toolchain() {
  # shellcheck disable=SC2016
  env -u MAVEN_HOME JAVA_HOME="${HAS_JAVA_HOME:-}" PATH="${HAS_PATH:+$HAS_PATH:}$work/tools" \
    JDK_SEARCH="${HAS_FOLDERS:-}" JDK_VERSION=25.9.9+1 MAVEN_VERSION=3.9.99 \
    JDK_BASE_URL="$url/jdk" MAVEN_BASE_URL="$url/maven" MAVEN_SHA512="${PIN:-}" \
    JDK_SHA256_linux_x64="${PIN:-}" JDK_SHA256_linux_aarch64="${PIN:-}" \
    JDK_SHA256_mac_x64="${PIN:-}" JDK_SHA256_mac_aarch64="${PIN:-}" \
    ROOT="$work/project" HERE="$here" \
    "$BASH" -c 'set -euo pipefail; . "$HERE/../versions.env"; . "$HERE/toolchain.sh"; "$@"' toolchain "$@" 2>"$work/stderr"
}

everyday_tools() {
  local tool file
  mkdir -p "$work/tools"
  for tool in awk basename cat chmod curl cut dirname env grep head mkdir mktemp mv readlink rm sed sh sha256sum \
    sha512sum shasum tar tr uname wget gzip; do
    if file=$(command -v "$tool"); then ln -s "$file" "$work/tools/$tool"; fi
  done
}

fresh() {
  rm -rf "$work/project"
  mkdir -p "$work/project"
}

# --- the tests ------------------------------------------------------------------------------

# expect NAME WANTED ACTUAL
expect() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED %s\n      expected: %s\n      but was:  %s\n' "$1" "$2" "$3"
  fi
}

# expect_refusal NAME TEXT COMMAND...: it fails, says one sentence with TEXT in it, installs nothing.
expect_refusal() {
  local name=$1 text=$2 status=0 sentence
  shift 2
  fresh
  in_toolchain "$@" >"$work/stdout" || status=$?
  sentence=$(grep -v ': fetching ' "$work/stderr" || true)
  case $sentence in
    *"$text"*install*) expect "$name" "1, one line" "$status, $([ "$(printf '%s\n' "$sentence" | wc -l)" -eq 1 ] && echo one line)" ;;
    *) expect "$name" "a sentence with: $text" "$sentence" ;;
  esac
  expect "$name: nothing is left behind" "" "$(ls -A "$work/project/.tools" 2>/dev/null || true)"
}

finds_what_is_there() {
  make_jdk "$work/jdk17" 17.0.15
  make_jdk "$work/jdk25" 25.0.3
  make_jdk "$work/other/jdk25" 25
  make_jdk "$work/jre25" 25.0.3
  rm "$work/jre25/bin/javac"
  mkdir "$work/links"
  ln -s ../jdk25/bin/java "$work/links/java"
  make_maven "$work/maven386" 3.8.6
  make_maven "$work/maven363" 3.6.3
  make_maven "$work/maven4" 4.0.0-rc-5
  fresh
  expect "takes JAVA_HOME first" "$work/jdk25" \
    "$(HAS_JAVA_HOME=$work/jdk25 HAS_PATH=$work/jdk17/bin HAS_FOLDERS="$work/other/*" in_toolchain find_jdk)"
  expect "takes the PATH before the install folders" "$work/jdk25" \
    "$(HAS_PATH=$work/jdk25/bin HAS_FOLDERS="$work/other/*" in_toolchain find_jdk)"
  expect "follows the link of a java on the PATH" "$work/jdk25" \
    "$(HAS_PATH=$work/links in_toolchain find_jdk)"
  expect "passes over an old default for an install folder" "$work/other/jdk25" \
    "$(HAS_JAVA_HOME=$work/jdk17 HAS_PATH=$work/jdk17/bin HAS_FOLDERS="$work/other/*" in_toolchain find_jdk)"
  expect "passes over a runtime without a compiler" "none" \
    "$(HAS_JAVA_HOME=$work/jre25 in_toolchain find_jdk || echo none)"
  expect "takes the oldest Maven that will do" "$work/maven386/bin/mvn" \
    "$(HAS_PATH=$work/maven386/bin in_toolchain find_maven)"
  expect "takes a newer major Maven" "$work/maven4/bin/mvn" \
    "$(HAS_PATH=$work/maven4/bin in_toolchain find_maven)"
  expect "passes over an old Maven" "none" \
    "$(HAS_PATH=$work/maven363/bin in_toolchain find_maven || echo none)"
}

# shellcheck disable=SC2016
fetches_what_is_not() {
  fresh
  expect "fetches a JDK, checked by the published sum" "$work/project/.tools/jdk-25.9.9+1" \
    "$(in_toolchain eval 'use_jdk; echo "$JAVA_HOME"')"
  requests=$(grep -c 'GET /jdk' "$work/server.log" || true)
  expect "does not fetch it again" "$work/project/.tools/jdk-25.9.9+1" \
    "$(in_toolchain eval 'use_jdk; echo "$JAVA_HOME"')"
  expect "asks nothing then" "$requests" "$(grep -c 'GET /jdk' "$work/server.log" || true)"
  expect "fetches a Maven, checked by the published sum" "$work/project/.tools/maven-3.9.99/bin/mvn" \
    "$(in_toolchain eval 'use_maven; echo "$MVN"')"
  fresh
  mv "$jdk_archive.sha256.txt" "$work/hidden"
  expect "fetches a JDK, checked by a pinned sum, without the published one" "$work/project/.tools/jdk-25.9.9+1" \
    "$(PIN=$jdk_sum in_toolchain eval 'use_jdk; echo "$JAVA_HOME"')"
  expect_refusal "refuses without any sum" "could not fetch the checksum" use_jdk
  mv "$work/hidden" "$jdk_archive.sha256.txt"
}

refuses_what_is_wrong() {
  PIN=0123 expect_refusal "refuses another pinned sum" "expected 0123" use_jdk
  PIN=0123 expect_refusal "refuses another pinned sum of Maven" "expected 0123" use_maven
  printf 'x' >>"$jdk_archive"
  expect_refusal "refuses a changed archive" "expected $jdk_sum" use_jdk
  printf 'not an archive' >"$maven_archive"
  in_toolchain checksum 512 "$maven_archive" >"$maven_archive.sha512"
  expect_refusal "refuses what is no archive" "could not unpack" use_maven
  rm "$jdk_archive"
  expect_refusal "says so when the archive is not there" "could not fetch" use_jdk
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=""
  expect_refusal "says so when the vendor cannot be reached" "could not fetch" use_jdk
  expect_refusal "says so for Maven too" "could not fetch" use_maven
}

url=http://127.0.0.1:1
everyday_tools
publish
start_server
finds_what_is_there
fetches_what_is_not
refuses_what_is_wrong
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
