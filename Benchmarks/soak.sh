#!/bin/bash
# Whether the gateway stays as it is: ten minutes of steady, mixed load through all four providers of the mock, with dead devices, refusals, lost connections,
# callers that hang up, and credentials that change. Memory and descriptors have to be flat after the warm-up, and everything accepted has to arrive.
#
#   Benchmarks/soak.sh      (make soak)
#
# Compares the last fifth of the time with the second one, and looks at the slope of the second half. Exits with 1 beyond a limit.
# DURATION=SECONDS and RATE=NOTIFICATIONS a second change the load. BIN=DIR measures the programs in DIR instead of building them in release.
set -euo pipefail
cd "$(dirname "$0")"
. ./programs.bash

duration=${DURATION:-600}
rate=${RATE:-200}

need swift curl python3
build_programs hermod mock-providers

# On a real disk, as a gateway's database is.
work=$(mktemp -d -p /var/tmp)
mocks= gateway=
trap 'for p in $gateway $mocks; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT

mkdir "$work/orgs"
start_mocks --retention 20000 --receipt-delay 1s
python3 soak.py accounts "$control" "$work/orgs" "$(mock_port tls)" "$(mock_port smtp)"
cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
orgs: { path: "$work/orgs" }
log: { level: warning }
providers:
  ca_file: "$work/ca.pem"
  expo: { url: "https://localhost:$(mock_port tls)", receipt_delay: 5s, receipt_interval: 5s }
  apns: { production_url: "https://localhost:$(mock_port tls)" }
  fcm: { url: "https://localhost:$(mock_port tls)" }
CONFIG
for org in soak_a soak_b; do
    key=$("$bin/hermod" keys create --org "$org" --config "$work/hermod.yaml" 2> "$work/err.log") || { cat "$work/err.log" >&2; exit 1; }
    export "KEY_$org=$key"
done
start_gateway
python3 soak.py run "$url" "$gateway" "$control" "$work/orgs" "$(mock_port tls)" "$(mock_port smtp)" "$duration" "$rate" || {
    code=$?
    echo "soak.sh: the gateway's last words:" >&2
    cat "$work/out.log" "$work/err.log" | tail -n 20 >&2
    exit "$code"
}
