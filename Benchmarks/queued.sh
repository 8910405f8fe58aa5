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
. ./apns-stage.bash

count=${1:-1000000}
users=${USERS:-20000}
[ "$count" -ge 100000 ] || { echo "queued.sh: 100,000 at least: less is sent before its pace can be seen" >&2; exit 2; }

need nginx openssl swift curl python3
build_hermod

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
sink= gateway=
trap 'for p in $gateway $sink; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
port=${PORT:-$((20000 + RANDOM % 10000))}
# For its certificate; then it is down, as long as the queue grows.
start_sink "$work" "$port"
kill "$sink" && wait "$sink" || true
sink=
sink_url=https://127.0.0.1:$port

# Nobody waits for what can't be sent.
configure_gateway 'dispatch: { sync_wait: 0s }'
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
