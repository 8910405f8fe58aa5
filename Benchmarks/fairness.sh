#!/bin/bash
# What an org's single messages feel of another org's bulk: from the beginning of the POST to the provider's own log, alone and beside a bulk of 100,000, against
# Debian's nginx. Each org has a team of its own at APNs.
#
#   Benchmarks/fairness.sh      (make bench)
#
# The figure that counts is the ratio of the two 99th percentiles. Exits with 1 beyond a limit.
# BIN=DIR measures the hermod in DIR instead of building it in release.
set -euo pipefail
cd "$(dirname "$0")"
. ./nginx-sink.bash

bulk=${BULK:-100000}
users=${USERS:-20000}
seconds=${SECONDS_ALONE:-10}
rate=${RATE:-50}
ratio_limit=${RATIO_LIMIT:-2}

for tool in nginx openssl swift curl python3; do
    command -v "$tool" > /dev/null || { echo "fairness.sh: $tool is missing; make bench installs it (.ci/deps bench)" >&2; exit 1; }
done

bin=${BIN:-}
if [ -z "$bin" ]; then
    scratch=$PWD/../.build-release
    swift build --package-path .. -c release --scratch-path "$scratch" --product hermod ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Build' || true; }
    bin=$scratch/release
fi

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
sink= gateway=
trap 'for p in $gateway $sink; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
port=${PORT:-$((20000 + RANDOM % 10000))}
start_sink "$work" "$port"

mkdir "$work/orgs"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/orgs/AuthKey.p8" 2> /dev/null
org() { # id, team, key
    cat > "$work/orgs/$1.yaml" << ORG
org: $1
name: Bench
credentials:
  - { provider: apns, name: main, team_id: $2, key_id: $3, private_key: "file:AuthKey.p8", topic: com.example.app, environment: production }
ORG
}
org org_default TEAM123456 KEY1234567
org org_single TEAM654321 KEY7654321
cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
orgs: { path: "$work/orgs" }
log: { level: warning }
providers:
  ca_file: "$work/cert.pem"
  apns: { production_url: "https://127.0.0.1:$port" }
CONFIG
key=$("$bin/hermod" keys create --org org_single --config "$work/hermod.yaml" 2> "$work/err.log") || { cat "$work/err.log" >&2; exit 1; }
"$bin/hermod" serve --config "$work/hermod.yaml" > "$work/out.log" 2> "$work/err.log" &
gateway=$!
until url=$(grep -ohE 'http://127\.0\.0\.1:[0-9]+' "$work/out.log" | head -1) && [ -n "$url" ] && curl -fs "$url/readyz" > /dev/null; do
    kill -0 "$gateway" 2> /dev/null || { echo "fairness.sh: the gateway did not start:" >&2; cat "$work/err.log" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
done
python3 load.py register "$url" "$users"
python3 fairness.py "$url" "$key" "$work/access.log" "$bulk" "$users" "$seconds" "$rate" "$ratio_limit"
