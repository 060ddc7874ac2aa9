# shellcheck shell=bash
# What is installed into .tools/bin and where each tool comes from. Sourced by
# scripts/install-dependencies.sh and scripts/pin-tools.sh, after versions.env. Works with the
# bash 3.2 of macOS.

# shellcheck disable=SC2034 # read by those who source this file
PLATFORM_TOOLS="kubectl helm kind task kustomize argocd kubeseal yq"
# shellcheck disable=SC2034
TEST_TOOLS="kustomize task yq kubeconform actionlint kube-score kubeseal toxiproxy"
ALL_TOOLS="$PLATFORM_TOOLS kubeconform kube-score actionlint toxiproxy"

# describe TOOL OS ARCH: sets
#   version   what versions.env says
#   url       the vendor's archive or binary; TOOLS_MIRROR replaces "https:/" (…/host/path)
#   sums      the file with its SHA-256 that the vendor publishes beside it
#   member    the binary's path in the archive; empty: the file is the binary
#   package   the Go package below scripts/tools/<tool> that builds it; empty: it cannot be built
# shellcheck disable=SC2034 # read by those who source this file
describe() {
  local tool=$1 os=$2 arch=$3 key github=https://github.com
  key=$(key_of "$tool")_VERSION
  version=${!key:-}
  member="" package=""
  case $tool in
    kubectl)
      url=https://dl.k8s.io/release/v$version/bin/$os/$arch/kubectl
      sums=$url.sha256 package=.
      ;;
    helm)
      url=https://get.helm.sh/helm-v$version-$os-$arch.tar.gz
      sums=$url.sha256sum member=$os-$arch/helm package=helm.sh/helm/v4/cmd/helm
      ;;
    kind)
      url=$github/kubernetes-sigs/kind/releases/download/v$version/kind-$os-$arch
      sums=$url.sha256sum package=sigs.k8s.io/kind
      ;;
    task)
      url=$github/go-task/task/releases/download/v$version/task_${os}_$arch.tar.gz
      sums=${url%/*}/task_checksums.txt member=task package=github.com/go-task/task/v3/cmd/task
      ;;
    kustomize)
      url=$github/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv$version/kustomize_v${version}_${os}_$arch.tar.gz
      sums=${url%/*}/checksums.txt member=kustomize package=sigs.k8s.io/kustomize/kustomize/v5
      ;;
    argocd)
      url=$github/argoproj/argo-cd/releases/download/v$version/argocd-$os-$arch
      sums=${url%/*}/cli_checksums.txt
      ;;
    kubeseal)
      url=$github/bitnami-labs/sealed-secrets/releases/download/v$version/kubeseal-$version-$os-$arch.tar.gz
      sums=${url%/*}/sealed-secrets_${version}_checksums.txt member=kubeseal
      package=github.com/bitnami/sealed-secrets/cmd/kubeseal
      ;;
    yq)
      url=$github/mikefarah/yq/releases/download/v$version/yq_${os}_$arch
      sums=${url%/*}/checksums-bsd package=github.com/mikefarah/yq/v4
      ;;
    kubeconform)
      url=$github/yannh/kubeconform/releases/download/v$version/kubeconform-$os-$arch.tar.gz
      sums=${url%/*}/CHECKSUMS member=kubeconform package=github.com/yannh/kubeconform/cmd/kubeconform
      ;;
    kube-score)
      url=$github/zegl/kube-score/releases/download/v$version/kube-score_${version}_${os}_$arch.tar.gz
      sums=${url%/*}/checksums.txt member=kube-score package=github.com/zegl/kube-score/cmd/kube-score
      ;;
    actionlint)
      url=$github/rhysd/actionlint/releases/download/v$version/actionlint_${version}_${os}_$arch.tar.gz
      sums=${url%/*}/actionlint_${version}_checksums.txt member=actionlint
      package=github.com/rhysd/actionlint/cmd/actionlint
      ;;
    toxiproxy)
      url=$github/Shopify/toxiproxy/releases/download/v$version/toxiproxy-server-$os-$arch
      sums=${url%/*}/checksums.txt package=github.com/Shopify/toxiproxy/v2/cmd/server
      ;;
    *) return 1 ;;
  esac
  if [ -n "${TOOLS_MIRROR:-}" ]; then
    url=$TOOLS_MIRROR/${url#https://} sums=$TOOLS_MIRROR/${sums#https://}
  fi
}

# KUBE_SCORE of kube-score.
key_of() {
  printf '%s' "$1" | tr 'a-z-' 'A-Z_'
}

# Prints "linux amd64", or fails on a machine that none of the vendors builds for.
tool_platform() {
  local os arch
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) return 1 ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) return 1 ;;
  esac
  printf '%s %s\n' "$os" "$arch"
}

# published_sum FILE NAME: the SHA-256 that a vendor's checksum file gives for NAME. Vendors write
# "sum", "sum  name" or "SHA256 (name) = sum".
published_sum() {
  awk -v name="$2" '
    $1 == "SHA256" && $2 == "(" name ")" { print $4; exit }
    length($1) == 64 && (NF == 1 || $2 == name || $2 == "*" name || $2 == "./" name) { print $1; exit }
  ' "$1" | LC_ALL=C grep -Ex '[0-9a-f]{64}'
}
