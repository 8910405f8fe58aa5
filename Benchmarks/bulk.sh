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
. ./programs.bash

sizes=${SIZES:-10000 30000 100000}
growth_limit=${GROWTH_LIMIT:-1.1}
rate_limit=${RATE_LIMIT:-1000}

need swift curl python3
build_programs hermod mock-providers

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
mocks= gateway=
trap 'for p in $gateway $mocks; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT

measure() { # users
    local result=$work/$1.json work=$work/$1
    mkdir -p "$work/orgs"
    start_mocks --smtp-open --retention 1000
    cat > "$work/orgs/bench.yaml" << ORG
org: org_default
name: Bench
credentials:
  - { provider: smtp, url: "smtp://127.0.0.1:$(mock_port smtp)", tls: none, from: "Bench <no-reply@example.org>" }
ORG
    cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
orgs: { path: "$work/orgs" }
log: { level: warning }
CONFIG
    "$bin/hermod" migrate --config "$work/hermod.yaml" > /dev/null
    python3 bulk.py seed "$work/hermod.sqlite" "$1"
    start_gateway
    python3 bulk.py run "$url" "$gateway" "$1" > "$result"
    kill "$gateway" && wait "$gateway" || true
    kill "$mocks" && wait "$mocks" || true
    gateway= mocks=
    rm -rf "$work"
}

results=()
for users in $sizes; do
    measure "$users"
    results+=("$work/$users.json")
done
python3 bulk.py report "$growth_limit" "$rate_limit" "${results[@]}"
