# Sourced by the benchmarks that run our programs: a release build, a mock, a gateway. Each has set `work`, a folder, before it starts one.
#
# need TOOL…                ends where one is missing
# build_programs PRODUCT…   sets `bin`: BIN where it is given, else the folder of a release build
# start_mocks [OPTION…]     sets `mocks`, its process, and `control`, the address of its own API; writes WORK/ca.pem
# mock_port NAME            where it listens: http, tls, smtp or smtps
# start_gateway             with WORK/hermod.yaml; sets `gateway`, its process, `url`, and `ready`: the seconds until it said that it was ready

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" > /dev/null || { echo "$0: $tool is missing; make bench installs it (.ci/deps bench)" >&2; exit 1; }
    done
}

build_programs() {
    bin=${BIN:-}
    [ -z "$bin" ] || return 0
    local scratch=$PWD/../.build-release product
    for product in "$@"; do
        # As README says to build it: with Swift's libraries in the program, which spares each call into them a jump.
        swift build --package-path .. -c release --static-swift-stdlib --scratch-path "$scratch" --product "$product" ${SWIFT_FLAGS:-} 2>&1 | { grep -E 'error|Build' || true; }
    done
    bin=$scratch/release
}

start_mocks() {
    "$bin/mock-providers" --http-port 0 --tls-port 0 --smtp-port 0 --smtps-port 0 --ca-file "$work/ca.pem" --keys-dir "$work/keys" "$@" > "$work/mocks.log" 2>&1 &
    mocks=$!
    until grep -q '^mock-providers ready' "$work/mocks.log" 2> /dev/null; do
        kill -0 "$mocks" 2> /dev/null || { echo "$0: the mock did not start:" >&2; cat "$work/mocks.log" >&2; exit 1; }
        read -rt 0.1 <> <(:) || true
    done
    control=http://127.0.0.1:$(mock_port http)
}

mock_port() { sed -n "s/.* $1=127\.0\.0\.1:\([0-9]*\).*/\1/p" "$work/mocks.log"; }

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
