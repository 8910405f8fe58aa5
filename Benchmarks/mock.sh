#!/bin/bash
# What the mock providers take: accepted APNs requests a second over one TLS connection, with h2load on the same cores, and what memory they need.
#
#   Benchmarks/mock.sh [ROUNDS]      (make bench)
#
# Whoever benches a gateway against the mock must not measure the mock. Exits with 1 below the limit, or when memory grows with what was sent.
set -euo pipefail
cd "$(dirname "$0")"
. ./programs.bash

rounds=${1:-3}
count=${COUNT:-60000}
many=${MANY:-300000}
streams=${STREAMS:-100}
rate_limit=${RATE_LIMIT:-6000}

need h2load curl swift awk
build_programs mock-providers

work=$(mktemp -d)
mocks=
trap '[ -z "$mocks" ] || { kill "$mocks" 2> /dev/null; wait "$mocks" 2> /dev/null; } || true; rm -rf "$work"' EXIT
# h2load opens its streams before it has read the server's settings; APNs' one stream to begin with would refuse most of them.
"$bin/mock-providers" --http-port 0 --tls-port 0 --smtp-port 0 --smtps-port 0 --ca-file "$work/ca.pem" --keys-dir "$work" --apns-open-streams > "$work/out" &
mocks=$!
until grep -q '^mock-providers ready' "$work/out"; do
    kill -0 "$mocks" 2> /dev/null || { echo "mock.sh: the mock did not start" >&2; exit 1; }
    read -rt 0.05 <> <(:) || true
done
port() { sed -n "s/.* $1=[^ ]*:\([0-9]*\).*/\1/p" "$work/out"; }
control=http://127.0.0.1:$(port http)/_mock
token=$(curl -fsS "$control/apns/token")
printf '{"aps":{"alert":{"title":"Chapter meeting","body":"Tonight at seven in the old mill"},"sound":"default"},"delivery_id":"bench"}' > "$work/push.json"

accepted() { curl -fsS "$control/stats" | sed 's/.*"apns":{"accepted":\([0-9]*\).*/\1/'; }
peak() { awk '/^VmHWM/ { print $2 / 1024 }' "/proc/$mocks/status"; }
cpu() { awk '{ print ($14 + $15) / 100 }' "/proc/$mocks/stat"; }

run() { # REQUESTS: prints requests, accepted a second, the mock's CPU seconds per 10,000, its peak MB
    local before cpu_before
    before=$(accepted) cpu_before=$(cpu)
    h2load -n "$1" -c 1 -m "$streams" -t 1 -d "$work/push.json" -H "authorization: bearer $token" -H 'apns-topic: com.example.app' \
        -H 'apns-push-type: alert' -H 'apns-priority: 10' \
        "https://127.0.0.1:$(port tls)/3/device/c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00" > "$work/h2load"
    local taken=$(($(accepted) - before))
    [ "$taken" = "$1" ] || { echo "mock.sh: $taken of $1 pushes were accepted:" >&2; cat "$work/h2load" >&2; return 1; }
    awk -v n="$1" -v cpu="$(cpu)" -v before="$cpu_before" -v peak="$(peak)" '
        /^finished in/ { time = $3; seconds = time ~ /ms/ ? time / 1000 : time ~ /us/ ? time / 1000000 : time + 0
            printf "%d %.0f %.3f %.1f\n", n, n / seconds, (cpu - before) / n * 10000, peak }' "$work/h2load"
}

run 5000 > /dev/null
for _ in $(seq "$rounds"); do run "$count" >> "$work/rounds"; done
run "$many" > "$work/many"

awk -v limit="$rate_limit" '
    FNR == 1 && NR > 1 { last = 1 }
    !last { n++; rate[n] = $2; cpu[n] = $3; peak = $4; count = $1 }
    last { many = $1; many_rate = $2; many_cpu = $3; many_peak = $4 }
    function median(values, n,   i, j, t) {
        for (i = 2; i <= n; i++) for (j = i; j > 1 && values[j - 1] > values[j]; j--) { t = values[j]; values[j] = values[j - 1]; values[j - 1] = t }
        return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    END {
        r = median(rate, n)
        printf "%-36s %10s %14s %16s %10s\n", "", "pushes", "accepted/s", "CPU s per 10,000", "peak MB"
        printf "%-36s %10d %14.0f %16.3f %10.1f\n", "mock-providers, one TLS connection", count, r, median(cpu, n), peak
        printf "%-36s %10d %14.0f %16.3f %10.1f\n", "the same", many, many_rate, many_cpu, many_peak
        printf "limit %d accepted/s; memory grew by %.1f MB over %d more pushes\n", limit, many_peak - peak, many
        exit r < limit || many_peak - peak > 64
    }' "$work/rounds" "$work/many"
