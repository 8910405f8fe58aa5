#!/bin/bash
# What an org's single messages feel of another org's bulk: from the beginning of the POST to the provider's own log, alone and beside a bulk of 100,000, against
# Debian's nginx. In between, beside a bulk that a bare C loop sends: what sharing the machine costs when the gateway has nothing to do with it. Each org has a
# team and an environment of its own at APNs, and each environment is an nginx of its own: one serves a connection for as long as there is something to
# read, and would by itself let one org wait for the other.
#
#   Benchmarks/fairness.sh      (make bench)
#
# The figure that counts is the ratio of the 99th percentiles beside the gateway's own bulk and alone. Exits with 1 beyond a limit.
# BIN=DIR measures the hermod in DIR instead of building it in release.
set -euo pipefail
cd "$(dirname "$0")"
. ./nginx-sink.bash
. ./apns-stage.bash

bulk=${BULK:-100000}
users=${USERS:-20000}
seconds=${SECONDS_ALONE:-10}
rate=${RATE:-100}
ratio_limit=${RATIO_LIMIT:-2}

need nginx openssl cc swift curl python3
build_hermod

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
sink= sinks= gateway=
trap 'for p in $gateway $sinks; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
cc -O2 -Wall -o "$work/loop" bare-libcurl/loop.c -lcurl
cc -O2 -Wall -D_GNU_SOURCE -o "$work/steady" steady/steady.c
port=${PORT:-$((20000 + RANDOM % 10000))}
mkdir "$work/production" "$work/sandbox" "$work/orgs"
chmod 755 "$work"
start_sink "$work/production" "$port"
sinks=$sink
start_sink "$work/sandbox" $((port + 1)) exact
sinks="$sinks $sink"
cat "$work"/{production,sandbox}/cert.pem > "$work/ca.pem"

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/orgs/AuthKey.p8" 2> /dev/null
org() { # id, team, key, environment
    cat > "$work/orgs/$1.yaml" << ORG
org: $1
name: Bench
credentials:
  - { provider: apns, name: main, team_id: $2, key_id: $3, private_key: "file:AuthKey.p8", topic: com.example.app, environment: $4 }
ORG
}
org org_default TEAM123456 KEY1234567 production
org org_single TEAM654321 KEY7654321 sandbox
cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
orgs: { path: "$work/orgs" }
log: { level: warning }
providers:
  ca_file: "$work/ca.pem"
  apns: { production_url: "https://127.0.0.1:$port", sandbox_url: "https://127.0.0.1:$((port + 1))" }
CONFIG
key=$("$bin/hermod" keys create --org org_single --config "$work/hermod.yaml" 2> "$work/err.log") || { cat "$work/err.log" >&2; exit 1; }
start_gateway
python3 load.py register "$url" "$users"
python3 fairness.py "$url" "$key" "$work/sandbox/access.log" "$work/steady" "$bulk" "$users" "$seconds" "$rate" "$ratio_limit" \
    "$work/loop" "https://127.0.0.1:$port" "$bulk" 100 "$work/production/cert.pem"
