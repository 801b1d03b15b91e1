#!/bin/sh
# Installs aws-vault for one user, or removes it again. Needs curl or wget, tar, and a SHA-256 program.
#
#   sh install.sh [--version 8.0.0] [--prefix ~/.local] [--base-url URL]
#   sh install.sh --uninstall [--prefix ~/.local]
#
# The archive's checksum is compared before anything in it is unpacked, and where cosign is here, the
# signature of the checksums before that. Nothing is changed outside the prefix, and nothing stored in a
# keystore is touched by removing the program.
set -eu

# Filled in when a release is made.
default_base_url=''

main() {
  base_url=${AWS_VAULT_BASE_URL:-$default_base_url}
  prefix=${HOME:?}/.local
  version=latest
  action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --prefix | --base-url)
        [ $# -ge 2 ] || fail 2 "$1 needs a value"
        set_option "$1" "$2"
        shift
        ;;
      --version=* | --prefix=* | --base-url=*) set_option "${1%%=*}" "${1#*=}" ;;
      --uninstall) action=uninstall ;;
      -h | --help)
        usage
        return 0
        ;;
      *) fail 2 "cannot understand \"$1\"" "sh install.sh --help" ;;
    esac
    shift
  done
  case $prefix in
    /*) ;;
    *) prefix=$PWD/$prefix ;;
  esac
  "$action"
}

set_option() {
  case $1 in
    --version) version=${2#v} ;;
    --prefix) prefix=$2 ;;
    --base-url) base_url=$2 ;;
  esac
}

usage() {
  echo "sh install.sh [--version VERSION] [--prefix FOLDER] [--base-url URL]"
  echo "sh install.sh --uninstall [--prefix FOLDER]"
}

# fail CODE MESSAGE [HINT]
fail() {
  echo "error: $2" >&2
  [ $# -lt 3 ] || echo "hint: $3" >&2
  exit "$1"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

install() {
  check_base_url
  target=$(detect_target)
  case $version in
    latest) folder=$base_url/latest/download ;;
    *) folder=$base_url/download/v$version ;;
  esac
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  archive=aws-vault-$target.tar.gz
  download "$folder/SHA256SUMS" "$scratch/SHA256SUMS"
  ! has cosign || verify_signature
  download "$folder/$archive" "$scratch/$archive"
  verify "$archive"
  tar -xzf "$scratch/$archive" -C "$scratch"
  place_files "$scratch/aws-vault-$target"
  installed=$("$prefix/bin/aws-vault" --version) ||
    fail 1 "the program was installed but does not start" "$prefix/bin/aws-vault --version"
  echo "installed aws-vault $installed in $prefix/bin"
  case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) echo "hint: $prefix/bin is not in PATH" >&2 ;;
  esac
}

# The checksums come from the same place as the archive: over plain HTTP both could be exchanged.
check_base_url() {
  case $base_url in
    # What stands before @ is a user's name, also where it looks like this machine's.
    http://*@*) fail 2 "\"$base_url\" is not an https:// address" ;;
    https://* | http://127.0.0.1:* | http://localhost:*) base_url=${base_url%/} ;;
    '') fail 2 "this copy does not know where its releases are" "say it with --base-url" ;;
    *) fail 2 "\"$base_url\" is not an https:// address" ;;
  esac
}

# The name of this platform in the names of the archives.
detect_target() {
  system=$(uname -s)
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail 1 "there is no aws-vault for the processor \"$machine\"" "x86_64 and aarch64 are supported" ;;
  esac
  case $system in
    Linux)
      ! is_musl || fail 1 "there is no aws-vault for musl (Alpine and others)" \
        "use a distribution with glibc, or the container image"
      echo "$machine-unknown-linux-gnu"
      ;;
    Darwin)
      # A shell under Rosetta says x86_64 on Apple's own processors.
      [ "$(sysctl -n hw.optional.arm64 2>/dev/null || true)" != 1 ] || machine=aarch64
      echo "$machine-apple-darwin"
      ;;
    *) fail 1 "this script does not know the system \"$system\"" "on Windows, use Scoop" ;;
  esac
}

is_musl() {
  if has getconf && getconf GNU_LIBC_VERSION >/dev/null 2>&1; then return 1; fi
  case $(ldd --version 2>&1 || true) in
    *musl*) return 0 ;;
  esac
  for loader in /lib/ld-musl-*; do
    [ ! -e "$loader" ] || return 0
  done
  return 1
}

# download URL FILE: follows to https:// only, since what comes by plain HTTP anybody on the way can exchange.
download() {
  if has curl; then
    curl --fail --silent --show-error --location --proto-redir '=https' --retry 2 --output "$2" "$1" &&
      return
  elif has wget; then
    follow_with_wget "$1" "$2" && return
  else
    fail 1 "neither curl nor wget is here"
  fi
  fail 1 "cannot download $1" "see whether that version has an archive for this platform"
}

# wget has no such option for redirects: it is let follow none, and each address is looked at here.
follow_with_wget() {
  from=$1
  for _ in 1 2 3 4 5; do
    wget -q -S --max-redirect=0 -O "$2" "$from" 2>"$scratch/answer" && return
    from=$(awk 'tolower($1) == "location:" { print $2; exit }' "$scratch/answer")
    case $from in
      https://*) ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# SHA256SUMS is what the release workflow signed. Who that is, this script knows; a --base-url has no say in it.
verify_signature() {
  if [ -z "$default_base_url" ]; then
    echo "hint: the signature is not verified, since this copy does not know who signs" >&2
    return
  fi
  download "$folder/SHA256SUMS.sigstore.json" "$scratch/SHA256SUMS.sigstore.json"
  signer=${default_base_url%/releases}/.github/workflows/release.yml@refs/tags/v
  case $version in
    latest)
      set -- --certificate-identity-regexp "^$(echo "$signer" | sed 's/\./\\./g')[0-9][^/]*\$"
      ;;
    # Not the signature of an older release under a newer one's name.
    *) set -- --certificate-identity "$signer$version" ;;
  esac
  cosign verify-blob --bundle "$scratch/SHA256SUMS.sigstore.json" "$@" \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com \
    "$scratch/SHA256SUMS" >"$scratch/answer" 2>&1 && return
  cat "$scratch/answer" >&2
  fail 1 "cosign does not confirm the signature of SHA256SUMS" \
    "nothing was installed; cosign 2.4.2 or later is needed"
}

# verify ARCHIVE: compares it with its line in SHA256SUMS.
verify() {
  wanted=$(awk -v name="$1" '$2 == name || $2 == "*" name { print $1 }' "$scratch/SHA256SUMS")
  [ -n "$wanted" ] || fail 1 "SHA256SUMS does not name $1"
  found=$(sha256 "$scratch/$1")
  [ "$found" = "$wanted" ] || fail 1 "the checksum of $1 is wrong: $found, not $wanted" \
    "nothing was installed; the archive was changed on its way or at its source"
}

sha256() {
  if has sha256sum; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif has shasum; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  elif has openssl; then
    openssl dgst -sha256 -r <"$1" | cut -d ' ' -f 1
  else
    fail 1 "no program for SHA-256 is here" "install coreutils, perl or openssl"
  fi
}

# What an archive holds, and where it goes below the prefix.
files() {
  echo "aws-vault bin/aws-vault 755"
  echo "aws-vault.1 share/man/man1/aws-vault.1 644"
  echo "completions/aws-vault.bash share/bash-completion/completions/aws-vault 644"
  echo "completions/aws-vault.zsh share/zsh/site-functions/_aws-vault 644"
  echo "completions/aws-vault.fish share/fish/vendor_completions.d/aws-vault.fish 644"
  echo "LICENSE share/doc/aws-vault/LICENSE 644"
  echo "THIRD-PARTY-NOTICES share/doc/aws-vault/THIRD-PARTY-NOTICES 644"
}

# place_files FOLDER: a running program is not written over but replaced.
place_files() {
  files | while read -r from to mode; do
    [ -e "$1/$from" ] || continue
    mkdir -p "$prefix/${to%/*}"
    cp "$1/$from" "$prefix/$to.new.$$"
    chmod "$mode" "$prefix/$to.new.$$"
    mv -f "$prefix/$to.new.$$" "$prefix/$to"
  done
}

uninstall() {
  [ -e "$prefix/bin/aws-vault" ] || fail 1 "aws-vault is not in $prefix/bin" "say where with --prefix"
  files | while read -r _ to _; do rm -f "$prefix/$to"; done
  rmdir "$prefix/share/doc/aws-vault" 2>/dev/null || true
  echo "removed aws-vault from $prefix; what it stored in keystores is still there"
}

# The last line starts it, so that half a script that was piped into sh does nothing.
main "$@"
