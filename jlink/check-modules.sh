#!/usr/bin/env bash
# Holds jlink/modules.txt against what jdeps finds in the jars, and prints the modules to link.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: JAVA_HOME=<jdk 25> jlink/check-modules.sh MODULES_FILE JAR...

Prints the modules to link, comma separated. Fails, naming each difference, when a module that the
jars need is not in the file, or one in the file is not needed and has no stated reason.
USAGE
}

# jdeps takes a jar with a module descriptor as a module and then insists on all that it requires,
# also on what is left out here (jackson-databind). So it is shown the classes without descriptors,
# as the class path sees them.
as_class_path_jar() {
  local jar=$1 folder=$2 classes="$2/classes"
  mkdir -p "$classes"
  (cd "$classes" && "$JAVA_HOME/bin/jar" -xf "$jar")
  find "$classes" -name module-info.class -delete
  if [ -z "$(find "$classes" -name '*.class' | head -n 1)" ]; then return; fi # only resources
  "$JAVA_HOME/bin/jar" -c -f "$folder/$(basename "$jar")" -m "$classes/META-INF/MANIFEST.MF" -C "$classes" .
}

needed_modules() {
  local work=$1 jar number=0
  shift
  for jar in "$@"; do
    number=$((number + 1))
    as_class_path_jar "$(cd "$(dirname "$jar")" && pwd)/$(basename "$jar")" "$work/$number"
  done
  "$JAVA_HOME/bin/jdeps" --print-module-deps --ignore-missing-deps --multi-release 25 "$work"/*/*.jar |
    tr ',' '\n' | sort -u
}

compare() {
  awk -v file="$1" '
    function complain(text) { print file ": " text > "/dev/stderr"; wrong = 1 }
    FNR == NR { needed[$1] = 1; count++; next }
    /^[ \t]*(#|$)/ { next }
    {
      module = $1; how = $2; reason = $0
      sub(/^[ \t]*[^ \t]+[ \t]+[^ \t]+[ \t]*/, "", reason)
      if (module in seen) complain(module " is listed twice")
      seen[module] = 1
      if (how == "code" && !(module in needed)) complain(module " is listed as code, but no jar needs it")
      else if (how == "left-out" && !(module in needed)) complain(module " is left out, but no jar needs it any more")
      else if (how == "hidden" && (module in needed)) complain(module " is listed as hidden, but jdeps finds it: say code")
      else if (how != "code" && how != "hidden" && how != "left-out") complain(module ": say code, hidden or left-out, not \"" how "\"")
      if (how != "code" && reason == "") complain(module " is " how " without a reason")
      if (how == "code" || how == "hidden") list = list (list == "" ? "" : ",") module
    }
    END {
      if (!count) complain("jdeps found nothing")
      for (module in needed) if (!(module in seen)) complain(module " is needed by the jars and not listed")
      if (wrong) exit 1
      print list
    }' "$2" "$1"
}

main() {
  case ${1:-} in --help | -h | '') usage; return ;; esac
  : "${JAVA_HOME:?set JAVA_HOME to a JDK 25}"
  local modules=$1 work
  shift
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  needed_modules "$work" "$@" >"$work/needed"
  compare "$modules" "$work/needed"
}

main "$@"
