#!/bin/bash
# Runs the transport's tests on the libcurl of bookworm-backports (8.14) beside Debian 12's own (7.88.1), without installing it:
# both have the same soname, so what was built against the one runs on the other.
#
#   Tests/newer-libcurl.sh [ARGUMENTS OF swift test]
set -euo pipefail
cd "$(dirname "$0")/.."

. /etc/os-release
[ "${VERSION_CODENAME:-}" = bookworm ] || { echo "newer-libcurl.sh: for Debian 12; here is ${PRETTY_NAME:-another system}, whose own libcurl serves" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt downloads as a user of its own.
chmod 755 "$work"
mkdir -p "$work"/lists/partial "$work"/cache/archives/partial
# From the mirror that the machine uses already.
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "bookworm" { print $2; exit }')
[ -n "$mirror" ] || { echo "newer-libcurl.sh: apt knows no mirror of bookworm; run apt-get update" >&2; exit 1; }
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm-backports main" > "$work/sources.list"
apt=(-qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache")
apt-get "${apt[@]}" update
(cd "$work" && apt-get "${apt[@]}" download libcurl4/bookworm-backports)
dpkg-deb -x "$work"/libcurl4_*.deb "$work/root"
library=$(dirname "$(find "$work/root" -name 'libcurl.so.4')")

swift build --build-tests
env LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" swift test --skip-build --filter TransportTests "$@"
