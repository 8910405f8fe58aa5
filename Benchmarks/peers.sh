#!/bin/bash
# What a push costs through Hermod, from REST to the provider and back and kept on disk, beside clients that send and keep nothing: bare libcurl, h2load,
# Node's HTTP/2 client and aioapns. All in turn in one run, against Debian's nginx.
#
#   Benchmarks/peers.sh [ROUNDS]      (make bench)
#
# The figures that count are the ratios of CPU to the bare loop's. It has no limit of its own: gateway.sh has. What is not installed is left out, loudly.
# BIN=DIR measures the hermod in DIR instead of building it in release.
set -euo pipefail
cd "$(dirname "$0")"
. ./nginx-sink.bash
. ./apns-stage.bash

rounds=${1:-3}
count=${COUNT:-20000}
slow_count=${SLOW_COUNT:-5000}
users=${USERS:-20000}
in_flight=100

need nginx openssl cc swift curl python3 h2load
build_hermod

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
sink= gateway=
trap 'for p in $gateway $sink; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
cc -O2 -Wall -o "$work/loop" bare-libcurl/loop.c -lcurl
port=${PORT:-$((20000 + RANDOM % 10000))}
start_sink "$work" "$port"
sink_url=https://127.0.0.1:$port

configure_gateway
start_gateway
python3 load.py register "$url" "$users"
python3 load.py batch "$url" "$gateway" 2000 "$users" > /dev/null

python3 -c 'import json; print(json.dumps({"aps": {"alert": {"title": "Time to log your run!", "body": "x" * 230}}}), end="")' > "$work/body.json"
measure() { # NAME COUNT COMMAND…: one line of the table's data
    local name=$1 count=$2
    shift 2
    peers/run.py "$@" | sed "s/^{/{\"name\": \"$name\", \"count\": $count, /" >> "$work/results"
}
left_out() { printf 'peers.sh: NOT MEASURED: %s\n' "$1" >&2; }

python=
if ! python=$(../.ci/python Tests/clients/requirements.txt); then left_out "aioapns: its packages can't be had"; fi
node=
if command -v node > /dev/null; then node=node; else left_out "Node's HTTP/2 client: there is no node (Debian: nodejs)"; fi

for _ in $(seq "$rounds"); do
    measure "bare libcurl loop (C)" "$count" "$work/loop" "$sink_url" "$count" "$in_flight" "$work/cert.pem"
    measure "h2load (C)" "$count" h2load -n "$count" -c 1 -m "$in_flight" -d "$work/body.json" -H "authorization: bearer $(printf 'x%.0s' {1..180})" \
        -H 'apns-topic: com.example.app' -H 'apns-push-type: alert' -H 'apns-priority: 10' "$sink_url/3/device/$(printf '0%.0s' {1..64})"
    python3 load.py batch "$url" "$gateway" "$count" "$users" | sed 's/^{/{"name": "hermod, REST to settled, durable", /' >> "$work/results"
    [ -z "$node" ] || measure "node:http2" "$count" "$node" peers/node-http2.mjs "$sink_url" "$count" "$in_flight" "$work/cert.pem"
    [ -z "$python" ] || measure "aioapns (Python)" "$slow_count" "$python" peers/aioapns-client.py "$sink_url" "$slow_count" "$in_flight" "$work/cert.pem" "$work/orgs/AuthKey.p8"
done

python3 - "$work/results" << 'REPORT'
import json, statistics, sys
rounds = {}
for line in open(sys.argv[1]):
    result = json.loads(line)
    rounds.setdefault(result["name"], []).append(result)
cost = lambda result: result["cpu"] * 10_000 / result["count"]
bare = [cost(result) for result in rounds["bare libcurl loop (C)"]]
row = "{:<34} {:>10} {:>12} {:>16} {:>10} {:>8}".format
print(row("", "messages", "per second", "CPU s per 10,000", "÷ bare", "peak MB"))
for name, results in rounds.items():
    print(row(name, results[0]["count"], round(statistics.median(r["count"] / r["seconds"] for r in results)),
              f"{statistics.median(map(cost, results)):.3f}", f"{statistics.median(cost(r) / b for r, b in zip(results, bare)):.2f}",
              round(max(r["peak_mb"] for r in results))))
REPORT
