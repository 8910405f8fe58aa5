#!/bin/bash
# What it costs to remind everybody in an org: POST bulk-certification-reminders for 10,000, 30,000 and 100,000 users, with the mails going out
# to the mock relay meanwhile.
#
#   Benchmarks/bulk.sh      (make bench)
#
# The figure that counts is memory: it may not grow with the users. It does up to some 20,000, while the database fills its page cache of 32 MB; so the
# last two sizes are compared. Exits with 1 beyond a limit.
# BIN=DIR measures the programs in DIR instead of building them in release.
set -euo pipefail
cd "$(dirname "$0")"

sizes=${SIZES:-10000 30000 100000}
growth_limit=${GROWTH_LIMIT:-1.1}
rate_limit=${RATE_LIMIT:-1000}

for tool in swift curl python3; do
    command -v "$tool" > /dev/null || { echo "bulk.sh: $tool is missing; make bench installs it (.ci/deps bench)" >&2; exit 1; }
done

bin=${BIN:-}
if [ -z "$bin" ]; then
    scratch=$PWD/../.build-release
    for product in hermod mock-providers; do
        swift build --package-path .. -c release --scratch-path "$scratch" --product "$product" ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Build' || true; }
    done
    bin=$scratch/release
fi

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
mocks= gateway=
trap 'for p in $gateway $mocks; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT

# Waits for a line that matches in a file, as long as the process lives.
await() { # file, pattern, pid, what
    until grep -qE "$2" "$1" 2> /dev/null; do
        kill -0 "$3" 2> /dev/null || { echo "bulk.sh: the $4 did not start:" >&2; cat "$1" >&2; exit 1; }
        read -rt 0.1 <> <(:) || true
    done
}

measure() { # users
    local dir=$work/$1
    mkdir -p "$dir/orgs"
    "$bin/mock-providers" --http-port 0 --tls-port 0 --smtp-port 0 --smtps-port 0 --smtp-open --retention 1000 > "$dir/mocks.log" 2>&1 &
    mocks=$!
    await "$dir/mocks.log" '^mock-providers ready' "$mocks" 'mock relay'
    local smtp
    smtp=$(sed -n 's/.* smtp=127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$dir/mocks.log")
    cat > "$dir/orgs/bench.yaml" << ORG
org: org_default
name: Bench
credentials:
  - { provider: smtp, url: "smtp://127.0.0.1:$smtp", tls: none, from: "Bench <no-reply@example.org>" }
ORG
    cat > "$dir/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$dir/hermod.sqlite" }
orgs: { path: "$dir/orgs" }
log: { level: warning }
CONFIG
    "$bin/hermod" migrate --config "$dir/hermod.yaml" > /dev/null
    python3 bulk.py seed "$dir/hermod.sqlite" "$1"
    "$bin/hermod" serve --config "$dir/hermod.yaml" > "$dir/gateway.log" 2>&1 &
    gateway=$!
    await "$dir/gateway.log" '^listening on ' "$gateway" gateway
    local url
    url=$(sed -n 's/^listening on //p' "$dir/gateway.log" | head -1)
    until curl -fs "$url/readyz" > /dev/null; do
        kill -0 "$gateway" || { cat "$dir/gateway.log" >&2; exit 1; }
        read -rt 0.1 <> <(:) || true
    done
    python3 bulk.py run "$url" "$gateway" "$1" > "$work/$1.json"
    kill "$gateway" && wait "$gateway" || true
    kill "$mocks" && wait "$mocks" || true
    gateway= mocks=
    rm -rf "$dir"
}

results=()
for users in $sizes; do
    measure "$users"
    results+=("$work/$users.json")
done
python3 bulk.py report "$growth_limit" "$rate_limit" "${results[@]}"
