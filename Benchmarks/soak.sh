#!/bin/bash
# Whether the gateway stays as it is: ten minutes of steady, mixed load through all four providers of the mock, with dead devices, refusals, lost connections,
# callers that hang up, and credentials that change. Memory and descriptors have to be flat after the warm-up, and everything accepted has to arrive.
#
#   Benchmarks/soak.sh      (make soak)
#
# Compares the last fifth of the time with the second one. Exits with 1 beyond a limit.
# DURATION=SECONDS and RATE=NOTIFICATIONS a second change the load. BIN=DIR measures the programs in DIR instead of building them in release.
set -euo pipefail
cd "$(dirname "$0")"

duration=${DURATION:-600}
rate=${RATE:-200}

for tool in swift curl python3; do
    command -v "$tool" > /dev/null || { echo "soak.sh: $tool is missing; make soak installs it (.ci/deps bench)" >&2; exit 1; }
done

bin=${BIN:-}
if [ -z "$bin" ]; then
    scratch=$PWD/../.build-release
    for product in hermod mock-providers; do
        swift build --package-path .. -c release --scratch-path "$scratch" --product "$product" ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Build' || true; }
    done
    bin=$scratch/release
fi

# On a real disk, as a gateway's database is.
work=$(mktemp -d -p /var/tmp)
mocks= gateway=
trap 'for p in $gateway $mocks; do kill "$p" 2> /dev/null || true; done; wait; rm -rf "$work"' EXIT

# Waits for a line that matches in a file, as long as the process lives.
await() { # file, pattern, pid, what
    until grep -qE "$2" "$1" 2> /dev/null; do
        kill -0 "$3" 2> /dev/null || { echo "soak.sh: the $4 did not start:" >&2; cat "$1" >&2; exit 1; }
        read -rt 0.1 <> <(:) || true
    done
}

mkdir "$work/orgs"
"$bin/mock-providers" --http-port 0 --tls-port 0 --smtp-port 0 --smtps-port 0 --ca-file "$work/ca.pem" --keys-dir "$work/keys" --retention 20000 \
    --receipt-delay 1s > "$work/mocks.log" 2>&1 &
mocks=$!
await "$work/mocks.log" '^mock-providers ready' "$mocks" 'mock'
port() { sed -n "s/.* $1=127\.0\.0\.1:\([0-9]*\).*/\1/p" "$work/mocks.log"; }
control=http://127.0.0.1:$(port http)
python3 soak.py accounts "$control" "$work/orgs" "$(port tls)" "$(port smtp)"
cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
orgs: { path: "$work/orgs" }
log: { level: warning }
providers:
  ca_file: "$work/ca.pem"
  expo: { url: "https://localhost:$(port tls)", receipt_delay: 5s, receipt_interval: 5s }
  apns: { production_url: "https://localhost:$(port tls)" }
  fcm: { url: "https://localhost:$(port tls)" }
CONFIG
for org in soak_a soak_b; do
    key=$("$bin/hermod" keys create --org "$org" --config "$work/hermod.yaml" 2> "$work/err.log") || { cat "$work/err.log" >&2; exit 1; }
    export "KEY_$org=$key"
done
"$bin/hermod" serve --config "$work/hermod.yaml" > "$work/gateway.log" 2>&1 &
gateway=$!
await "$work/gateway.log" '^listening on ' "$gateway" gateway
url=$(sed -n 's/^listening on //p' "$work/gateway.log" | head -1)
until curl -fs "$url/readyz" > /dev/null; do
    kill -0 "$gateway" 2> /dev/null || { cat "$work/gateway.log" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
done
python3 soak.py run "$url" "$gateway" "$control" "$work/orgs" "$(port tls)" "$(port smtp)" "$duration" "$rate" || {
    code=$?
    echo "soak.sh: the gateway's last words:" >&2
    tail -n 20 "$work/gateway.log" >&2
    exit "$code"
}
