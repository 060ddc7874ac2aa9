#!/usr/bin/env bash
# Makes the runtime that the router is delivered as; see README.md beside this file.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
runtime=$root/target/runtime
work=$root/target/runtime-build
staged=$work/runtime

usage() {
  cat <<'USAGE'
Usage: JAVA_HOME=<jdk 25> jlink/build-runtime.sh

Makes target/runtime from target/cell-router.jar and target/lib: links the modules of
jlink/modules.txt, copies the jars and the start script, makes the AOT cache of jlink/aot/classes.txt,
and fails when a started router does not use it. `./build.sh runtime` packages first and calls this.

  --without-cache     stop before the cache, in target/runtime-build/runtime (what jlink/train.sh needs)

The same input and SOURCE_DATE_EPOCH give the same bytes.
USAGE
}

fail() {
  printf 'build-runtime: %s\n' "$*" >&2
  exit 1
}

link_modules() {
  local modules
  modules=$("$here/check-modules.sh" "$here/modules.txt" "$root/target/cell-router.jar" "$root"/target/lib/*.jar)
  # Not compressed: an image layer is compressed anyway, and twice is larger (22 MB against 18.7).
  # Without debug attributes, 2.3 MB: line numbers are missing in stack traces of JDK classes, not of ours.
  "$JAVA_HOME/bin/jlink" --add-modules "$modules" --compress=zip-0 --strip-java-debug-attributes --no-header-files --no-man-pages \
    --output "$staged"
  # jlink brings these along with their modules; only java is ever started.
  find "$staged/bin" -type f ! -name java -delete
  # For tools that read the modules from outside of the runtime.
  rm "$staged/lib/jrt-fs.jar"
  strip_symbols
}

# The local symbols of libjvm.so: 5 MB, 1.5 in a layer. Only a debugger would read them.
strip_symbols() {
  if [ "$(uname -s)" = Linux ] && command -v strip >/dev/null; then
    find "$staged/lib" -name '*.so' -exec strip --strip-unneeded {} +
  fi
}

copy_program() {
  mkdir -p "$staged/app/lib"
  cp "$root/target/cell-router.jar" "$staged/app/"
  "$JAVA_HOME/bin/java" "$here/jars/SlimWebJars.java" "$staged/app/lib" "$root"/target/lib/*.jar
  cat "$here/edge.options" "$here/jvm.options" >"$staged/conf/router.options"
  cp "$here/small.options" "$here/large.options" "$staged/conf/"
  cp "$here/router" "$staged/bin/router"
  chmod 755 "$staged/bin/router"
}

# A cache holds the times of what it was made from.
set_times() {
  local seconds=${SOURCE_DATE_EPOCH:-1793491200} when
  when=$(TZ=UTC0 date -d "@$seconds" +%Y%m%d%H%M.%S 2>/dev/null || TZ=UTC0 date -r "$seconds" +%Y%m%d%H%M.%S)
  find "$staged" -exec env TZ=UTC0 touch -h -t "$when" {} +
}

# A static dump from a list, not the recording of a run: two recordings are never the same. Of two
# dumps the difference is known (Timeless). The heap's size is given, since the machine's is not.
dump() {
  "$staged/bin/java" "@$staged/conf/router.options" -Xmx128m -Xshare:dump -XX:+AOTClassLinking \
    "-XX:SharedClassListFile=$work/classes.txt" "-XX:SharedArchiveFile=$1" -jar "$staged/app/cell-router.jar"
}

make_cache() {
  "$JAVA_HOME/bin/java" "$here/aot/ClassList.java" complete "$here/aot/classes.txt" \
    "$root/target/cell-router.jar" "$work/classes.txt"
  set_times
  dump "$work/first.aot"
  dump "$work/second.aot"
  "$JAVA_HOME/bin/java" "$here/aot/Timeless.java" "$work/first.aot" "$work/second.aot" "$staged/lib/router.aot"
  rm "$work/first.aot" "$work/second.aot"
  set_times
}

# The runtime is moved to its place after the dump, so that the check also shows that it can be.
put_in_place() {
  mv "$staged" "$runtime"
  # build.sh asks by its time whether the runtime is up to date.
  touch "$runtime/lib/router.aot"
  if ! "$JAVA_HOME/bin/java" "$here/aot/CacheCheck.java" "$runtime" "$work"; then
    rm -rf "$runtime"
    return 1
  fi
}

main() {
  case ${1:-} in --help | -h) usage; return ;; esac
  local only=${1:-}
  : "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
  [ -f "$root/target/cell-router.jar" ] || fail "target/cell-router.jar is missing: run ./build.sh runtime"
  rm -rf "$runtime" "$work"
  mkdir -p "$work"
  link_modules
  copy_program
  if [ "$only" = --without-cache ]; then return; fi
  make_cache
  put_in_place
  printf 'size: %s, of which the AOT cache %s\n' \
    "$(du -sh "$runtime" | cut -f 1)" "$(du -h "$runtime/lib/router.aot" | cut -f 1)"
}

main "$@"
