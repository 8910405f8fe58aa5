#!/bin/bash
# What a request costs through HTTPTransport, beside a bare C loop on libcurl, against Debian's nginx, in one run.
#
#   Benchmarks/transport.sh [ROUNDS]      (make bench)
#
# The figure that counts is the ratio of CPU: absolute figures drift with the machine. Exits with 1 above the limit.
set -euo pipefail
cd "$(dirname "$0")"
. ./nginx-sink.bash

rounds=${1:-5}
count=${COUNT:-20000}
many=${MANY:-200000}
in_flight=${IN_FLIGHT:-100}
limit=${LIMIT:-1.5}

for tool in nginx openssl cc swift awk; do
    command -v "$tool" > /dev/null || { echo "transport.sh: $tool is missing; apt-get install nginx-light openssl gcc libcurl4-openssl-dev" >&2; exit 1; }
done

swift build -c release --scratch-path ../.build-bench --product transport-bench ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Compiling transport|Build' || true; }
bench=../.build-bench/release/transport-bench

work=$(mktemp -d)
sink=
trap '[ -z "$sink" ] || kill "$sink" 2> /dev/null || true; rm -rf "$work"' EXIT
cc -O2 -Wall -o "$work/loop" bare-libcurl/loop.c -lcurl

port=${PORT:-$((20000 + RANDOM % 10000))}
start_sink "$work" "$port"
url=https://127.0.0.1:$port

run() { # NAME REQUESTS: prints answered, CPU, wall, RSS
    local program=$bench
    [ "$1" = ours ] || program=$work/loop
    "$program" "$url" "$2" "$in_flight" "$work/cert.pem" || { echo "transport.sh: $program: not every request was answered with 200" >&2; return 1; }
}

run bare 1000 > /dev/null
run ours 1000 > /dev/null
for round in $(seq "$rounds"); do
    bare=$(run bare "$count")
    ours=$(run ours "$count")
    echo "$bare $ours" >> "$work/rounds"
done
large=$(run ours "$many")

# Medians; the ratio is the median of the rounds' own ratios.
awk -v count="$count" -v many="$many" -v large="$large" -v limit="$limit" '
    function median(values, n,   i, j, t) {
        for (i = 2; i <= n; i++) for (j = i; j > 1 && values[j - 1] > values[j]; j--) { t = values[j]; values[j] = values[j - 1]; values[j - 1] = t }
        return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    { n++; bc[n] = $2; bw[n] = count / $3; br[n] = $4; oc[n] = $6; ow[n] = count / $7; or_[n] = $8; ratio[n] = $6 / $2 }
    END {
        split(large, l, " ")
        r = median(ratio, n); oc_ = median(oc, n) / count * 10000; grown = (l[4] - median(or_, n)) / 1024
        printf "%-28s %10s %12s %16s %10s\n", "", "requests", "requests/s", "CPU s per 10,000", "peak MB"
        printf "%-28s %10d %12.0f %16.3f %10.1f\n", "bare libcurl loop (C)", count, median(bw, n), median(bc, n) / count * 10000, median(br, n) / 1024
        printf "%-28s %10d %12.0f %16.3f %10.1f\n", "HTTPTransport", count, median(ow, n), oc_, median(or_, n) / 1024
        printf "%-28s %10d %12.0f %16.3f %10.1f\n", "HTTPTransport", many, many / l[3], l[2] / many * 10000, l[4] / 1024
        printf "CPU of HTTPTransport / CPU of the bare loop: %.2f (median of %d rounds, limit %.2f); memory grew by %.1f MB over %d more requests\n", r, n, limit, grown, many - count
        exit r > limit || grown > 16
    }' "$work/rounds"
