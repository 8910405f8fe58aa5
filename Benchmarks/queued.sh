#!/bin/bash
# What a queue of a million costs: 1,000,000 notifications taken while the provider is down, the wait, a restart, and the sending when it is back. Against
# Debian's nginx.
#
#   Benchmarks/queued.sh [COUNT]      (make bench)
#
# The figures that count: memory, how long the restarted gateway takes until it is ready, CPU while nothing can be sent, and whether the last messages are
# taken and sent as fast as the first. Exits with 1 beyond a limit.
# BIN=DIR measures the hermod in DIR instead of building it in release.
set -euo pipefail
cd "$(dirname "$0")"
. ./nginx-sink.bash

count=${1:-1000000}
users=${USERS:-20000}
[ "$count" -ge 100000 ] || { echo "queued.sh: 100,000 at least: less is sent before its pace can be seen" >&2; exit 2; }

for tool in nginx openssl swift curl python3; do
    command -v "$tool" > /dev/null || { echo "queued.sh: $tool is missing; make bench installs it (.ci/deps bench)" >&2; exit 1; }
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
# For its certificate; then it is down, as long as the queue grows.
start_sink "$work" "$port"
kill "$sink" && wait "$sink" || true
sink=

mkdir "$work/orgs"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/orgs/AuthKey.p8" 2> /dev/null
cat > "$work/orgs/bench.yaml" << ORG
org: org_default
name: Bench
credentials:
  - { provider: apns, name: main, team_id: TEAM123456, key_id: KEY1234567, private_key: "file:AuthKey.p8", topic: com.example.app, environment: production }
ORG
cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
dispatch: { sync_wait: 0s }
orgs: { path: "$work/orgs" }
log: { level: error }
providers:
  ca_file: "$work/cert.pem"
  apns: { production_url: "https://127.0.0.1:$port" }
CONFIG

# Sets `gateway`, `url`, and `ready`: the seconds from the program's start until it says that it is ready.
start_gateway() {
    local began=$EPOCHREALTIME
    "$bin/hermod" serve --config "$work/hermod.yaml" > "$work/out.log" 2> "$work/err.log" &
    gateway=$!
    until url=$(sed -n 's/^listening on //p' "$work/out.log" 2> /dev/null | head -1) && [ -n "$url" ] && curl -fs "$url/readyz" > /dev/null; do
        kill -0 "$gateway" 2> /dev/null || { echo "queued.sh: the gateway did not start:" >&2; cat "$work/err.log" >&2; exit 1; }
        read -rt 0.02 <> <(:) || true
    done
    ready=$(python3 -c "print(round($EPOCHREALTIME - $began, 3))")
}

start_gateway
python3 load.py register "$url" "$users"
python3 queued.py fill "$url" "$gateway" "$count" "$users" > "$work/fill.json"
python3 queued.py idle "$gateway" > "$work/idle.json"
kill "$gateway" && wait "$gateway" || true
start_gateway
echo "{\"ready\": $ready}" > "$work/ready.json"
start_sink "$work" "$port"
python3 queued.py drain "$url" "$gateway" "$count" > "$work/drain.json"
python3 queued.py report "$work"
