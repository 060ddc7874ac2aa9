# shellcheck shell=bash
# Finds a JDK and a Maven, or fetches them. Sourced by build.sh, which sets ROOT and reads
# versions.env first. Works with the bash 3.2 of macOS.
#
#   use_jdk     exports JAVA_HOME
#   use_maven   sets MVN (needs JAVA_HOME)
#
# Both end the script with one sentence on what to install when they cannot do their work.

fail() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

use_jdk() {
  local home
  home=$(find_jdk) || home=$(fetch_jdk) || exit 1
  export JAVA_HOME="$home"
}

use_maven() {
  # shellcheck disable=SC2034 # build.sh uses it
  MVN=$(find_maven) || MVN=$(fetch_maven) || exit 1
}

# --- finding --------------------------------------------------------------------------------

find_jdk() {
  local home
  while IFS= read -r home; do
    if is_wanted_jdk "$home"; then
      printf '%s\n' "$home"
      return 0
    fi
  done <<CANDIDATES
$(jdk_candidates)
CANDIDATES
  return 1
}

# One folder a line, the most explicit choice first. JDK_SEARCH replaces the usual install folders.
jdk_candidates() {
  local java folder pattern
  printf '%s\n' "${JAVA_HOME:-}"
  if java=$(command -v java); then
    java=$(resolve_links "$java")
    printf '%s\n' "${java%/bin/java}"
  fi
  # Left unquoted below on purpose: these are patterns.
  pattern=${JDK_SEARCH-"/usr/lib/jvm/* /usr/java/* /opt/* /opt/*/* ${HOME:-}/.sdkman/candidates/java/* \
    ${HOME:-}/.jdks/* ${HOME:-}/.asdf/installs/java/* ${HOME:-}/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    ${HOME:-}/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec"}
  # shellcheck disable=SC2086
  for folder in $pattern "$ROOT/.tools/jdk-$JDK_VERSION" "$ROOT/.tools/jdk-$JDK_VERSION/Contents/Home"; do
    printf '%s\n' "$folder"
  done
}

# A JRE has no javac, and a JDK without jlink cannot make the runtime. The `release` file is read
# instead of starting each JVM: it costs nothing and does not run unknown programs.
is_wanted_jdk() {
  [ -n "$1" ] && [ -x "$1/bin/javac" ] && [ -x "$1/bin/jlink" ] && [ -r "$1/release" ] &&
    grep -Eq "^JAVA_VERSION=\"$JDK_MAJOR([.+\"-]|\$)" "$1/release"
}

resolve_links() {
  local file=$1 target
  while [ -L "$file" ]; do
    target=$(readlink "$file")
    case $target in
      /*) file=$target ;;
      *) file=$(dirname "$file")/$target ;;
    esac
  done
  printf '%s/%s\n' "$(cd "$(dirname "$file")" && pwd -P)" "$(basename "$file")"
}

find_maven() {
  local mvn fetched="$ROOT/.tools/maven-$MAVEN_VERSION/bin/mvn"
  for mvn in "$(command -v mvn || true)" "${MAVEN_HOME:-}/bin/mvn" "$fetched"; do
    if [ -x "$mvn" ] && at_least "$(maven_version "$mvn")" "$MAVEN_MINIMUM"; then
      printf '%s\n' "$mvn"
      return 0
    fi
  done
  return 1
}

# .mvn/jvm.config must not take part: the version question is asked from outside the project.
maven_version() {
  (cd / && "$1" -v 2>/dev/null) | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | head -n 1
}

# at_least 3.9.1 3.8.6: is the first version the second or later?
at_least() {
  awk -v have="$1" -v want="$2" 'BEGIN {
    split(have, h, "."); split(want, w, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit !(h[i] + 0 > w[i] + 0)
    exit have == ""
  }'
}

# --- fetching -------------------------------------------------------------------------------

fetch_jdk() {
  local platform name url pinned folder="$ROOT/.tools/jdk-$JDK_VERSION"
  local advice="install a JDK $JDK_MAJOR (for example Temurin, https://adoptium.net) and set JAVA_HOME to it"
  platform=$(jdk_platform) || fail "no JDK $JDK_MAJOR found, and none is published for this machine: $advice."
  name="OpenJDK${JDK_MAJOR}U-jdk_${platform##*_}_${platform%%_*}_hotspot_$(printf '%s' "$JDK_VERSION" | tr + _).tar.gz"
  url="$JDK_BASE_URL/jdk-$(printf '%s' "$JDK_VERSION" | sed 's/+/%2B/')/$name"
  pinned="JDK_SHA256_$platform"
  fetch_archive "$url" 256 "${!pinned:-}" "$url.sha256.txt" "$folder" "$advice" || return 1
  find_jdk || fail "the fetched archive $name holds no JDK $JDK_MAJOR: $advice."
}

fetch_maven() {
  local name="apache-maven-$MAVEN_VERSION-bin.tar.gz" folder="$ROOT/.tools/maven-$MAVEN_VERSION"
  local url="$MAVEN_BASE_URL/$MAVEN_VERSION/binaries/$name"
  local advice="install Apache Maven $MAVEN_MINIMUM or later so that mvn is on the PATH"
  fetch_archive "$url" 512 "$MAVEN_SHA512" "$url.sha512" "$folder" "$advice" || return 1
  find_maven || fail "the fetched archive $name holds no Maven $MAVEN_MINIMUM or later: $advice."
}

# Adoptium's names: linux_x64, linux_aarch64, mac_x64, mac_aarch64.
jdk_platform() {
  local system machine
  case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=mac ;;
    *) return 1 ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) return 1 ;;
  esac
  printf '%s_%s\n' "$system" "$machine"
}

# fetch_archive URL SHA_BITS PINNED_SUM SUM_URL FOLDER ADVICE
# Unpacks the archive into FOLDER without its top level, only after its checksum was checked; the
# folder appears by a rename, so a broken download leaves nothing that looks complete.
fetch_archive() (
  url=$1 bits=$2 pinned=$3 sum_url=$4 folder=$5 advice=$6
  mkdir -p "$ROOT/.tools"
  work=$(mktemp -d "$ROOT/.tools/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  printf 'build.sh: fetching %s\n' "$url" >&2
  download "$url" "$work/archive" || fail "could not fetch $url: $advice."
  if [ -z "$pinned" ]; then
    download "$sum_url" "$work/sum" || fail "could not fetch the checksum $sum_url: $advice."
    pinned=$(awk 'NR == 1 { print $1 }' "$work/sum")
  fi
  actual=$(checksum "$bits" "$work/archive")
  if [ -z "$actual" ] || [ "$actual" != "$pinned" ]; then
    fail "the SHA-$bits of $url is ${actual:-unknown}, expected ${pinned:-unknown}: nothing was installed; $advice."
  fi
  mkdir "$work/tree"
  tar -xzf "$work/archive" -C "$work/tree" --strip-components=1 2>/dev/null || fail "could not unpack $url: $advice."
  rm -rf "$folder"
  mv "$work/tree" "$folder"
)

download() {
  if command -v curl >/dev/null; then
    curl -fsSL --retry 2 --connect-timeout 15 --max-time 900 -o "$2" "$1" 2>/dev/null
  elif command -v wget >/dev/null; then
    wget -q --tries=2 --timeout=15 -O "$2" "$1"
  else
    return 1
  fi
}

checksum() {
  if command -v "sha${1}sum" >/dev/null; then
    "sha${1}sum" "$2"
  else
    shasum -a "$1" "$2"
  fi | cut -d ' ' -f 1
}
