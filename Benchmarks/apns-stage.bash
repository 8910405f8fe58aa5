# Sourced by the benchmarks that push to a sink: a release build, and a gateway that sends to it. Each has set `work`, and `sink_url` before it configures.
#
# need TOOL…                    ends where one is missing
# build_hermod                  sets `bin`: BIN where it is given, else the folder of a release build
# configure_gateway [KEY: VALUE]…   WORK/hermod.yaml for one org with a key of its own, with these lines of configuration beside
# start_gateway                 sets `gateway`, its process, `url`, and `ready`: the seconds until it said that it was ready

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" > /dev/null || { echo "$0: $tool is missing; make bench installs it (.ci/deps bench)" >&2; exit 1; }
    done
}

build_hermod() {
    bin=${BIN:-}
    [ -z "$bin" ] || return 0
    local scratch=$PWD/../.build-release
    swift build --package-path .. -c release --scratch-path "$scratch" --product hermod ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Build' || true; }
    bin=$scratch/release
}

configure_gateway() {
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
orgs: { path: "$work/orgs" }
log: { level: warning }
$(printf '%s\n' "$@")
providers:
  ca_file: "$work/cert.pem"
  apns: { production_url: "$sink_url" }
CONFIG
}

start_gateway() {
    local began=$EPOCHREALTIME
    "$bin/hermod" serve --config "$work/hermod.yaml" > "$work/out.log" 2> "$work/err.log" &
    gateway=$!
    until url=$(sed -n 's/^listening on //p' "$work/out.log" 2> /dev/null | head -1) && [ -n "$url" ] && curl -fs "$url/readyz" > /dev/null; do
        kill -0 "$gateway" 2> /dev/null || { echo "$0: the gateway did not start:" >&2; cat "$work/err.log" >&2; exit 1; }
        read -rt 0.02 <> <(:) || true
    done
    ready=$(python3 -c "print(round($EPOCHREALTIME - $began, 3))")
}
