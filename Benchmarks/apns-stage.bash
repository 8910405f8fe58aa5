# Sourced by the benchmarks that push to a sink: our programs (programs.bash), and a gateway that sends to it. Each has set `work`, and `sink_url` before it
# configures.
#
# build_hermod                      the gateway alone
# configure_gateway [KEY: VALUE]…   WORK/hermod.yaml for one org with a key of its own, with these lines of configuration beside
. ./programs.bash

build_hermod() { build_programs hermod; }

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
