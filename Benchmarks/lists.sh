#!/bin/bash
# How long a list takes over REST when there are a million of what it lists: every list of every contract and the log of deliveries, first page, filtered,
# and far inside by cursor, each with its exact total.
#
#   Benchmarks/lists.sh [COUNT]      (make bench)
#
# Asks as three callers: a global admin, the admin of an org with fifty others below it, and one of a single org. Exits with 1 when the 99th percentile of
# any is not below the limit.
set -euo pipefail
cd "$(dirname "$0")"
. ./programs.bash

count=${1:-1000000}

need swift curl python3
build_programs hermod
hermod=$bin/hermod

# On a real disk, as a gateway's database is.
work=$(mktemp -d -p /var/tmp)
gateway=
trap '[ -z "$gateway" ] || kill "$gateway" 2> /dev/null || true; wait; rm -rf "$work"' EXIT

mkdir "$work/orgs"
printf 'org: org_default\nname: All\n' > "$work/orgs/org_default.yaml"
for number in $(seq -w 0 49); do
    printf 'org: org_%s\nname: Org %s\nparent: org_default\n' "$number" "$number" > "$work/orgs/org_$number.yaml"
done
cat > "$work/hermod.yaml" << CONFIG
server: { port: 0 }
database: { url: "sqlite:$work/hermod.sqlite" }
orgs: { path: "$work/orgs" }
log: { level: warning }
CONFIG
"$hermod" migrate --config "$work/hermod.yaml" > /dev/null
key() { "$hermod" keys create --config "$work/hermod.yaml" "$@" 2> "$work/err.log" || { cat "$work/err.log" >&2; exit 1; }; }
everyone=$(key --org org_default --role global_admin)
family=$(key --org org_default --role org_admin)
single=$(key --org org_07 --role org_admin)
start=$(date +%s)
python3 lists.py seed "$work/hermod.sqlite" "$count"
seeded=$(date +%s)
"$hermod" serve --config "$work/hermod.yaml" > "$work/out.log" 2> "$work/err.log" &
gateway=$!
until url=$(grep -ohE 'http://127\.0\.0\.1:[0-9]+' "$work/out.log" "$work/err.log" | head -1) && [ -n "$url" ] && curl -fs "$url/readyz" > /dev/null; do
    kill -0 "$gateway" 2> /dev/null || { echo "lists.sh: the gateway did not start:" >&2; cat "$work/err.log" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
done
echo "$count notifications, deliveries and records: $(du -m "$work/hermod.sqlite" | cut -f1) MB, written in $((seeded - start)) s," \
    "counted at the start in $(($(date +%s) - seeded)) s"
python3 lists.py measure "$work/hermod.sqlite" "$url" "all=$everyone" "family=$family" "one=$single"
