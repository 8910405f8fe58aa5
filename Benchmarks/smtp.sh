#!/bin/bash
# How fast mail goes out through SMTPTransport, beside postfix's smtp-source with as many connections, to postfix's smtp-sink, in one run.
#
#   Benchmarks/smtp.sh [ROUNDS]      (make bench)
#
# The figure that counts is the ratio of the rates: absolute figures drift with the machine. Exits with 1 below the limit.
set -euo pipefail
cd "$(dirname "$0")"

rounds=${1:-3}
count=${COUNT:-5000}
bytes=${BYTES:-1024}
limit=${LIMIT:-0.5}
scratch=../.build-bench

for tool in swift awk; do
    command -v "$tool" > /dev/null || { echo "smtp.sh: $tool is missing" >&2; exit 1; }
done

# The two tools are part of the mail server postfix, which nobody needs to have running for this: so its package is unpacked, not installed.
PATH=$PATH:/usr/sbin
libraries=${LD_LIBRARY_PATH:-}
if ! command -v smtp-sink > /dev/null || ! command -v smtp-source > /dev/null; then
    tools=$scratch/postfix
    if [ ! -x "$tools/usr/sbin/smtp-sink" ]; then
        mkdir -p "$tools"
        (cd "$tools" && apt-get download postfix > /dev/null 2>&1 && dpkg -x postfix_*.deb .) || {
            echo "smtp.sh: smtp-sink and smtp-source are missing, and the package postfix can't be had; apt-get install postfix" >&2
            exit 1
        }
    fi
    tools=$(cd "$tools" && pwd)
    PATH=$PATH:$tools/usr/sbin
    libraries=$tools/usr/lib/postfix${libraries:+:$libraries}
fi
swift build -c release --scratch-path "$scratch" --product smtp-bench ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Compiling smtp|Build' || true; }
bench=$scratch/release/smtp-bench

port=${PORT:-$((20000 + RANDOM % 10000))}
user=()
[ "$(id -u)" != 0 ] || user=(-u nobody)
LD_LIBRARY_PATH=$libraries smtp-sink "${user[@]}" "127.0.0.1:$port" 1000 > /dev/null 2>&1 &
sink=$!
results=$(mktemp)
trap 'kill "$sink" 2> /dev/null || true; rm -f "$results"' EXIT
for _ in $(seq 100); do
    (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break
    read -rt 0.1 <> <(:) || true
done

# smtp-source prints nothing; it has sent all when it ends without a fault. -d: keeps its connections, as we do.
source_rate() {
    local start end
    start=$(date +%s%N)
    LD_LIBRARY_PATH=$libraries smtp-source -d -s "$1" -m "$count" -l "$bytes" -f bench@example.org -t sink@example.com "127.0.0.1:$port"
    end=$(date +%s%N)
    awk -v n="$count" -v t=$((end - start)) 'BEGIN { printf "%d", n / t * 1e9 }'
}
our_line() { "$bench" 127.0.0.1 "$port" "$count" "$1" "$bytes"; }

for connections in 1 10; do
    source_rate "$connections" > /dev/null
    our_line "$connections" > /dev/null
    for _ in $(seq "$rounds"); do
        theirs=$(source_rate "$connections")
        line=$(our_line "$connections")
        ours=$(sed 's/.*rate=\([0-9]*\).*/\1/' <<< "$line")
        cpu=$(sed 's/.*cpu_per_10000=\([0-9.]*\).*/\1/' <<< "$line")
        echo "$connections $theirs $ours $cpu $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')" >> "$results"
    done
done

median() { awk -v c="$1" -v f="$2" '$1 == c { print $f }' "$results" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo
echo "$count mails of $bytes bytes to smtp-sink, medians of $rounds rounds"
printf '%-12s %14s %14s %20s %8s\n' connections 'smtp-source/s' 'hermod/s' 'CPU s per 10,000' ratio
failed=0
for connections in 1 10; do
    ratio=$(median "$connections" 5)
    printf '%-12s %14s %14s %20s %8s\n' "$connections" "$(median "$connections" 2)" "$(median "$connections" 3)" "$(median "$connections" 4)" "$ratio"
    awk -v r="$ratio" -v l="$limit" 'BEGIN { exit !(r < l) }' && failed=1
done
[ "$failed" = 0 ] || echo "smtp.sh: below the limit of $limit times smtp-source's rate" >&2
exit "$failed"
