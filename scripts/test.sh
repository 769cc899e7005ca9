#!/usr/bin/env bash
# Checks everything there is to check, on a machine that may have nothing but Rust. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

PARTS=(format lint features test live docs deny ui journeys)

help() {
    cat <<'TEXT'
Checks the whole of PMOS. Ends with what took how long and one line of numbers. Exit code 0 only when nothing failed.

    scripts/test.sh                 everything
    scripts/test.sh --quick         everything but the browser
    scripts/test.sh --only PART     one part; may be given several times

Parts, in their order:

    format      rustfmt leaves every file as it is
    lint        clippy, with warnings as errors
    features    a feature that is off brings nothing with it
    test        all Rust tests: units, stores, engines, server, the whole product
    live        the adapter of n8n against the real one, when it is installed; PMOS_LIVE=1 installs it (2.9 GB)
    docs        rustdoc, with warnings as errors
    deny        licences, sources and bans of dependencies, when cargo-deny is there
    ui          type check; the committed types and the committed build are what their sources say
    journeys    the UI in Chromium, two files at a time, against servers that were just built

PostgreSQL, Node.js and Chromium are installed when one is missing and this runs as root with apt-get. Otherwise the part
that needs it is skipped, and the output says which and why; with CI set that is a failure instead. Only the real n8n and
cargo-deny may always be missing.

    CI                   set by most pipelines: what is missing fails
    PMOS_TEST_POSTGRES   address of a PostgreSQL server to make test databases on, or "skip".
                         Without it: the server on 127.0.0.1:5432 if it lets the user postgres in, else one that is
                         started for the tests alone
    PMOS_TEST_CHROMIUM   the browser for the journeys
TEXT
}

only=() quick=false
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help) help; exit 0 ;;
        --quick) quick=true ;;
        --only)
            [[ " ${PARTS[*]} " == *" ${2:-} "* ]] || { echo "--only needs one of: ${PARTS[*]}" >&2; exit 2; }
            only+=("$2"); shift ;;
        *) echo "unknown argument $1; see --help" >&2; exit 2 ;;
    esac
    shift
done

passed=0 failed=0 skipped=0
failures=() skips=()
scratch=$(mktemp -d)
server_pid="" postgres_pid=""

# Ends what this script started, and nothing else.
end() {
    local pid
    for pid in $server_pid $postgres_pid; do
        # For PostgreSQL an interrupt means: end at once, in good order.
        kill -INT "$pid" 2>/dev/null && wait_for_end "$pid"
    done
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT TERM

wait_for_end() {
    for _ in $(seq 150); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
}

heading() { printf '\n== %s\n' "$*"; }
pass() { passed=$((passed + ${1:-1})); }
fail() { failed=$((failed + ${2:-1})); failures+=("$1"); printf 'FAILED: %s\n' "$1"; }
skip() { skipped=$((skipped + 1)); skips+=("$1"); printf 'SKIPPED: %s\n' "$1"; }

# What cannot be checked here. A pipeline is never green without having looked.
missing() { if [ -n "${CI:-}" ]; then fail "$1"; else skip "$1"; fi; }

# took LABEL SECONDS: a row of the table at the end; rows with the same label are added up.
times="$scratch/times"
took() { printf '%s\t%s\n' "$2" "$1" >>"$times"; }

# timed LABEL COMMAND…
timed() {
    local label=$1 begun=$EPOCHREALTIME status=0
    shift
    "$@" || status=$?
    took "$label" "$(awk "BEGIN { print ${EPOCHREALTIME/,/.} - ${begun/,/.} }")"
    return "$status"
}

# check NAME COMMAND…: one thing that passes or fails.
check() {
    local name=$1; shift
    if "$@"; then pass; else fail "$name"; fi
}

# Runs a command, shows what it says and keeps it in $log.
log="$scratch/log"
logged() { "$@" 2>&1 | tee "$log"; }

# The sum of what stands before a word in the kept lines that match: total 'test result' passed
total() { { grep -E "$1" "$log" || true; } | grep -oE "[0-9]+ $2" | awk '{ n += $1 } END { print n + 0 }'; }

# What each test binary took, as the kept lines say; the name of its file without the hash. Documentation tests are one row.
each_binary() {
    sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
        $1 == "Running" { name = $NF; gsub(/.*\/|-[0-9a-f]+\)$/, "", name) }
        $1 == "Doc-tests" { name = "documentation tests" }
        /^test result/ && name != "documentation tests" { sub(/s$/, "", $NF); print $NF "\t  " name }
        /^all doctests ran in/ { sub(/s;?$/, "", $5); print $5 "\t  " name }' >>"$times"
}

# A number at the end of what the test runner of Node.js says.
reported() { sed -n "s/^# $1 //p" "$log" | awk '{ n += $1 } END { print n + 0 }'; }

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

updated=false
install() {
    may_install || return 1
    echo "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    if ! $updated; then apt-get update -qq >/dev/null || return 1; updated=true; fi
    apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 || { tail -n 5 "$log"; return 1; }
}

# --- PostgreSQL -------------------------------------------------------------------------------------------------------

postgres_tool() {
    local found
    found=$(compgen -G "/usr/lib/postgresql/*/bin/$1" | sort -V | tail -n 1) || true
    [ -n "$found" ] && echo "$found" || command -v "$1"
}

# PostgreSQL refuses to be run by root, so its own user does it then. It may not enter our folder, so it runs in another.
as_postgres() (
    cd /
    if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- "$@"; else exec "$@"; fi
)

start_postgres() {
    local initdb postgres port data="$scratch/postgres" says="$scratch/postgres.log"
    initdb=$(postgres_tool initdb) && postgres=$(postgres_tool postgres) ||
        { install postgresql && initdb=$(postgres_tool initdb) && postgres=$(postgres_tool postgres); } || return 1
    chmod 711 "$scratch"
    mkdir "$data"
    [ "$(id -u)" != 0 ] || chown postgres "$data" || return 1
    as_postgres "$initdb" -D "$data" -U postgres -A trust --no-sync >/dev/null || return 1
    # A port may be taken, so a few are tried.
    for port in $(shuf -i 20000-32000 -n 5); do
        as_postgres "$postgres" -D "$data" -k "$data" -p "$port" -c listen_addresses=127.0.0.1 \
            -c fsync=off -c max_connections=300 >"$says" 2>&1 &
        for _ in $(seq 100); do
            postgres_pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null || true)
            if grep -q "ready to accept connections" "$says"; then
                export PMOS_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
                return 0
            fi
            kill -0 $! 2>/dev/null || { postgres_pid=""; break; }
            sleep 0.1
        done
        [ -z "$postgres_pid" ] || break
    done
    tail -n 5 "$says"
    return 1
}

find_postgres() {
    local here=postgres://postgres@127.0.0.1:5432/postgres
    if [ "${PMOS_TEST_POSTGRES:-}" = skip ]; then
        missing "PostgreSQL, as PMOS_TEST_POSTGRES says; tests that need it pass without looking at anything"
    elif [ -n "${PMOS_TEST_POSTGRES:-}" ]; then
        echo "PostgreSQL: the server of PMOS_TEST_POSTGRES"
    elif command -v psql >/dev/null && PGCONNECT_TIMEOUT=3 psql -wXAtqc "select 1" "$here" >/dev/null 2>&1; then
        export PMOS_TEST_POSTGRES=$here
        echo "PostgreSQL: the server on 127.0.0.1:5432"
    elif start_postgres; then
        echo "PostgreSQL: one of its own, $PMOS_TEST_POSTGRES"
    else
        missing "PostgreSQL: none answers, none can be started, and only root can install it; tests that need it pass without looking at anything"
        export PMOS_TEST_POSTGRES=skip
    fi
}

# --- The UI -----------------------------------------------------------------------------------------------------------

node_is_new() { command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; }

npm_modules=""
# Says whether the UI can be built and tested here. $1 is what cannot be checked when not.
npm_ready() {
    [ "$npm_modules" = ready ] && return 0
    [ -z "$npm_modules" ] || { missing "$1: see above"; return 1; }
    npm_modules=missing
    node_is_new || { install nodejs npm && node_is_new; } ||
        { missing "$1: Node.js 20 or newer with npm is needed, and there is none to install here"; return 1; }
    (cd pmos-server/ui && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || { fail "npm ci"; return 1; }
    npm_modules=ready
}

# The types of the interface are those of its description. In the folder of the UI.
typed_interface() {
    npm --prefix tools/openapi ci --ignore-scripts --no-audit --no-fund --loglevel=error || return 1
    (cd tools/openapi && npx --no-install openapi-typescript ../../../openapi.json \
        --output "$scratch/schema.d.ts" --default-non-nullable=false >/dev/null 2>&1) || return 1
    diff -q "$scratch/schema.d.ts" src/api/schema.d.ts
}

browser() {
    local name
    [ -n "${PMOS_TEST_CHROMIUM:-}" ] && return
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if PMOS_TEST_CHROMIUM=$(command -v "$name"); then export PMOS_TEST_CHROMIUM; return; fi
    done
    return 1
}

# What a second build would be faster by takes many gigabytes, and a pipeline builds once.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

# The whole workspace with every feature, tests included, so that no crate is compiled twice.
CARGO_ALL=(--workspace --all-features)

build() { timed "build" cargo build "${CARGO_ALL[@]}" --bins --tests --examples --locked; }

start_server() {
    local target program
    build || return 1
    target=$(cargo metadata --no-deps --format-version 1 | node -pe 'JSON.parse(require("fs").readFileSync(0)).target_directory')
    program="$target/debug/pmos-server"
    export PMOS_TEST_PROGRAM="$program"
    : >"$scratch/server.out"
    # Settings of the person who runs this, and what is meant for the tests, is none of its business.
    env $(compgen -e PMOS_ | sed 's/^/-u /') "$program" --listen 127.0.0.1:0 --data "$scratch/data" --log warn \
        >"$scratch/server.out" 2>"$scratch/server.err" &
    server_pid=$!
    for _ in $(seq 300); do
        PMOS_TEST_URL=$(sed -n 's/^listening on //p' "$scratch/server.out")
        [ -z "$PMOS_TEST_URL" ] || { export PMOS_TEST_URL; return 0; }
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$scratch/server.err"
    return 1
}

# --- Parts ------------------------------------------------------------------------------------------------------------

part_format() { check "format: run cargo fmt --all" timed "format" cargo fmt --all --check; }

part_lint() { check "clippy" timed "clippy" cargo clippy "${CARGO_ALL[@]}" --all-targets --locked -- -D warnings; }

# without PACKAGE, features FLAGS…: nothing that the crate needs then needs this package.
without() {
    local package=$1 found
    shift
    found=$(cargo tree --locked -p pmos -e normal --prefix none "$@") || return 1
    ! grep -qE "^$package v" <<<"$found"
}

part_features() {
    check "features: SQLite comes without its feature" without libsqlite3-sys --no-default-features --features postgres,embedded
    check "features: PostgreSQL comes without its feature" without sqlx-postgres
    check "features: the client of remote engines comes without its feature" without backon --no-default-features --features sqlite,embedded
}

part_test() {
    find_postgres
    local status=0
    build || { fail "build"; return 0; }
    # The real n8n has a part of its own.
    PMOS_TEST_N8N=skip timed "tests" logged env -u PMOS_LIVE cargo test "${CARGO_ALL[@]}" --locked --no-fail-fast ||
        status=$?
    each_binary
    pass "$(total '^test result' passed)"
    skipped=$((skipped + $(total '^test result' ignored)))
    local broken
    broken=$(total '^test result' failed)
    if [ "$status" != 0 ]; then
        [ "$broken" -gt 0 ] || broken=1
        fail "Rust tests; the names stand above behind \"failures:\"" "$broken"
    fi
}

part_live() {
    if [ "${PMOS_LIVE:-}" = 1 ]; then
        scripts/n8n.sh install || { fail "n8n cannot be installed"; return 0; }
    elif ! scripts/n8n.sh installed; then
        skip "live: n8n is not installed; PMOS_LIVE=1 installs it from npm, 2.9 GB"
        return 0
    fi
    local status=0
    # In one go, so that crates are compiled with the same features, and one after the other: n8n is large.
    timed "live" logged cargo test -p pmos-connectors -p pmos --all-features --locked --test n8n --test product live:: -- \
        --nocapture --test-threads=1 || status=$?
    pass "$(total '^test result' passed)"
    [ "$status" = 0 ] || fail "n8n as it is does not do what the adapter expects"
}

part_docs() {
    # With the examples, which need what tests need: so dependencies have the features that clippy checked them with.
    RUSTDOCFLAGS="-D warnings" check "rustdoc" timed "docs" cargo doc "${CARGO_ALL[@]}" --lib --examples --no-deps --locked
}

part_deny() {
    if ! command -v cargo-deny >/dev/null; then
        skip "deny: cargo-deny is not installed; cargo install cargo-deny --locked"
        return
    fi
    check "cargo deny" timed "deny" cargo deny --log-level error check bans licenses sources
}

part_ui() { timed "ui" check_ui; }

check_ui() {
    npm_ready "the UI" || return 0
    cd pmos-server/ui
    check "type check of the UI" npm run --silent check
    check "src/api/schema.d.ts is not what openapi.json says: run npm run api in pmos-server/ui" typed_interface
    if npm run --silent build -- --outDir "$scratch/dist" --emptyOutDir --logLevel warn; then
        check "pmos-server/ui/dist is not what the sources build to: run npm run build there" \
            diff -rq "$scratch/dist" dist
    else
        fail "build of the UI"
    fi
    cd - >/dev/null
}

part_journeys() {
    npm_ready "journeys" || return 0
    browser || { install chromium && browser; } ||
        { missing "journeys: there is no Chromium, and only root can install it"; return 0; }
    echo "browser: $PMOS_TEST_CHROMIUM"
    start_server || { fail "the server for the journeys does not start"; return 0; }
    echo "server: $PMOS_TEST_URL"
    local status=0 broken
    cd pmos-server/ui
    timed "journeys" logged node --test --test-reporter=tap --test-concurrency=2 tests/*.test.js || status=$?
    cd - >/dev/null
    pass "$(reported pass)"
    skipped=$((skipped + $(reported skipped)))
    broken=$(reported fail)
    if [ "$status" != 0 ]; then
        [ "$broken" -gt 0 ] || broken=1
        fail "journeys" "$broken"
        tail -n 20 "$scratch/server.err"
    fi
}

for part in "${PARTS[@]}"; do
    if [ ${#only[@]} -gt 0 ]; then
        [[ " ${only[*]} " == *" $part "* ]] || continue
    elif $quick && [ "$part" = journeys ]; then
        heading "$part"
        skip "journeys: --quick"
        continue
    fi
    heading "$part"
    "part_$part"
done

heading "seconds"
touch "$times"
awk -F'\t' '
    !($2 in sum) { order[++rows] = $2 }
    { sum[$2] += $1 }
    END { for (row = 1; row <= rows; row++) printf "%8.1f  %s\n", sum[order[row]], order[row] }' "$times"
printf '%8.1f  %s\n' "$SECONDS" "all"

heading "summary"
for name in "${skips[@]}"; do echo "skipped: $name"; done
for name in "${failures[@]}"; do echo "failed: $name"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
