#!/bin/bash
# What a notification costs from REST to the provider and back, beside a bare C loop on libcurl that only sends, against Debian's nginx, in one run.
#
#   Benchmarks/gateway.sh [ROUNDS]      (make bench)
#
# Every notification is durable before it is sent and settled after. The figure that counts is the ratio of CPU. Exits with 1 beyond a limit.
# BIN=DIR measures the hermod in DIR instead of building it in release.
set -euo pipefail
cd "$(dirname "$0")"
. ./nginx-sink.bash
. ./apns-stage.bash

rounds=${1:-3}
count=${COUNT:-20000}
many=${MANY:-200000}
users=${USERS:-20000}
in_flight=${IN_FLIGHT:-100}
ratio_limit=${RATIO_LIMIT:-3}
rate_limit=${RATE_LIMIT:-3000}
steady_rate=${STEADY_RATE:-1000}
steady_limit=${STEADY_LIMIT:-20}

need nginx openssl cc swift curl wrk python3
build_hermod

# On a real disk: a database in memory would make the commits free.
work=$(mktemp -d -p /var/tmp)
sink= gateway=
trap 'for p in $gateway $sink; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT
cc -O2 -Wall -o "$work/loop" bare-libcurl/loop.c -lcurl
cc -O2 -Wall -D_GNU_SOURCE -o "$work/steady" steady/steady.c
port=${PORT:-$((20000 + RANDOM % 10000))}
start_sink "$work" "$port"
sink_url=https://127.0.0.1:$port

configure_gateway
start_gateway
python3 load.py register "$url" "$users"

bare() { "$work/loop" "$sink_url" "$count" "$in_flight" "$work/cert.pem"; }
batch() { python3 load.py batch "$url" "$gateway" "$1" "$users"; }

bare > /dev/null
batch 2000 > /dev/null
for _ in $(seq "$rounds"); do
    bare >> "$work/bare"
    batch "$count" >> "$work/batch"
done
batch "$many" > "$work/many"
# As many connections as answers of 50 ms would need; each message to another registered user, as below.
"$work/steady" "$url/api/v1/notifications" "$steady_rate" 15 50 "" \
    '{"user_id":"usr_@","title":"Time to log your run!","body":"You have not recorded an activity in 3 days.","data":{"scenario_id":"missed_activity_3day"}}' \
    "$users" > "$work/steady.json"
USERS=$users wrk -t 2 -c 64 -d 10s --latency -s single.lua "$url" > "$work/single"

python3 - "$work" "$count" "$ratio_limit" "$rate_limit" "$steady_limit" << 'REPORT'
import json, re, statistics, sys
work, count = sys.argv[1], int(sys.argv[2])
ratio_limit, rate_limit, steady_limit = map(float, sys.argv[3:6])
bare = [float(line.split()[1]) / count * 10_000 for line in open(f"{work}/bare")]
bare_rate = [count / float(line.split()[2]) for line in open(f"{work}/bare")]
ours = [json.loads(line) for line in open(f"{work}/batch")]
many = json.load(open(f"{work}/many"))
single = next(line for line in open(f"{work}/single") if line.startswith("single:"))
ratio = statistics.median(o["cpu_per_10000"] / b for o, b in zip(ours, bare))
growth = many["cpu_per_10000"] / statistics.median(o["cpu_per_10000"] for o in ours)
slower = statistics.median(o["rate"] for o in ours) / many["rate"]
row = "{:<34} {:>10} {:>12} {:>16} {:>10}".format
print(row("", "messages", "per second", "CPU s per 10,000", "peak MB"))
print(row("bare libcurl loop (C)", count, round(statistics.median(bare_rate)), f"{statistics.median(bare):.3f}", ""))
for name, runs in (("hermod, REST batch, whole way", ours), ("the same", [many])):
    print(row(name, runs[0]["count"], round(statistics.median(r["rate"] for r in runs)),
              f'{statistics.median(r["cpu_per_10000"] for r in runs):.3f}', max(r["peak_mb"] for r in runs)))
print(f"CPU of hermod / CPU of the bare loop: {ratio:.2f} (limit {ratio_limit:g}); CPU a message at {many['count']} / at {count}: {growth:.2f}, "
      f"time a message: {slower:.2f}")
steady = json.load(open(f"{work}/steady.json"))
print(f"single, at a steady rate: {steady['requests']} answers, {steady['rate']}/s, p50 {steady['p50_ms']} ms, p99 {steady['p99_ms']} ms (limit {steady_limit:g}), "
      f"errors {steady['errors']}")
print(single.strip().replace("single:", "single, as fast as 64 callers get answers:"))
faults = []
if any(o["sent"] != o["count"] for o in ours + [many]): faults.append("not every notification was sent")
if ratio > ratio_limit: faults.append(f"CPU ratio {ratio:.2f} is above {ratio_limit:g}")
# Two runs of the same program differ by a tenth on a shared machine.
if growth > 1.1: faults.append(f"a message costs {growth:.2f} times as much at {many['count']}")
if float(re.search(r"= (\d+)/s", single)[1]) < rate_limit: faults.append(f"single POSTs are below {rate_limit:g} a second")
if not single.strip().endswith("errors 0"): faults.append("single POSTs failed")
if steady["p99_ms"] > steady_limit: faults.append(f"the 99th percentile of single POSTs is {steady['p99_ms']:g} ms, above {steady_limit:g}")
if steady["errors"] > 0: faults.append("single POSTs at a steady rate failed")
for fault in faults: print("gateway.sh:", fault, file=sys.stderr)
sys.exit(1 if faults else 0)
REPORT
