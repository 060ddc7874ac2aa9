#!/usr/bin/env bash
# Lays target/runtime out as the layers of the image; see --help.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
home=/opt/cell-router

usage() {
  cat <<'USAGE'
Usage: JAVA_HOME=<jdk 25> SOURCE_DATE_EPOCH=<seconds> jlink/image/lay-out.sh FOLDER

Makes FOLDER/jdk and FOLDER/program, one for each layer of the image, from target/runtime,
target/bom.json and LICENSE. Two layers, so that a new router is not a new JDK to be pulled. Every file
gets the time SOURCE_DATE_EPOCH.
USAGE
}

# One argument file for each way to start, since an image without a shell cannot put them together.
start_file() {
  local name=$1
  shift
  {
    cat "$@"
    printf '%s\n' "-XX:AOTCache=$home/lib/router.aot" -jar "$home/app/cell-router.jar"
  } | sed '/^#/d; /^$/d' >"$program$home/start/$name"
}

start_files() {
  local conf=$root/target/runtime/conf
  mkdir "$program$home/start"
  start_file small "$conf/router.options" "$conf/small.options"
  start_file standard "$conf/router.options"
  start_file large "$conf/router.options" "$conf/large.options"
  start_file healthcheck "$here/healthcheck.options"
  printf 'healthcheck\n' >>"$program$home/start/healthcheck"
}

main() {
  case ${1:-} in --help | -h) usage; return ;; esac
  : "${JAVA_HOME:?set JAVA_HOME to a JDK 25}" "${SOURCE_DATE_EPOCH:?}"
  local to=${1:?"the folder to make"} jdk
  jdk=$to/jdk program=$to/program
  mkdir -p "$jdk/opt" "$program$home/lib"
  cp -R "$root/target/runtime" "$jdk$home"
  mv "$jdk$home/app" "$program$home/"
  mv "$jdk$home/lib/router.aot" "$program$home/lib/"
  # The start script needs a shell; its files go into those of start_files.
  rm "$jdk$home/bin/router" "$jdk$home"/conf/*.options
  start_files
  "$JAVA_HOME/bin/java" -cp "$root/target/lib/*" "$here/Papers.java" \
    "$root/target/bom.json" "$jdk$home" "$program$home" "$root/LICENSE"
  chmod -R u=rwX,go=rX "$to"
  find "$to" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

main "$@"
