#!/usr/bin/env bash
# A real n8n for tests, on this machine only. See --help.
set -euo pipefail

VERSION=2.40.7 # what the adapter was tried with; docs/book/operating.md names it too
EMAIL=owner@example.test
PASSWORD=Owner-Passw0rd1

help() {
    cat <<TEXT
Installs n8n $VERSION from npm once, and starts it for tests. PMOS ships nothing of n8n; running this accepts its
licence.

    scripts/n8n.sh installed         exit code 0 when it is installed
    scripts/n8n.sh install           installs it: 2.9 GB, some minutes; needs npm and a C++ compiler
    scripts/n8n.sh start PORT DIR    starts it with its data in DIR, makes an owner, and prints one line of JSON:
                                     {"base_url":…,"email":…,"password":…,"folder":DIR}
    scripts/n8n.sh stop DIR          stops it

    PMOS_N8N_CACHE   where it is installed [default: \$XDG_CACHE_HOME/pmos/n8n-$VERSION]
TEXT
}

cache=${PMOS_N8N_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pmos/n8n-$VERSION}
program="$cache/node_modules/n8n/bin/n8n"
say() { printf 'n8n: %s\n' "$*" >&2; }

is_new() { [ -x "$1" ] && [ "$("$1" -p 'parseInt(process.versions.node)' 2>/dev/null || echo 0)" -ge 24 ]; }

# The program that runs it: the machine's own when it is new enough, else one from npm.
find_node() {
    local system architecture
    node=$(command -v node || true)
    is_new "$node" && return
    system=$(uname -s | tr '[:upper:]' '[:lower:]')
    case $(uname -m) in x86_64) architecture=x64 ;; aarch64 | arm64) architecture=arm64 ;; *) architecture=$(uname -m) ;; esac
    node="$cache/node/node_modules/node-$system-$architecture/bin/node"
    is_new "$node"
}

quietly() { npm "$@" --no-audit --no-fund --loglevel=error >&2; }

is_installed() { [ -f "$cache/complete" ] && [ -f "$program" ] && find_node; }

install() {
    if is_installed; then return; fi
    mkdir -p "$cache/node"
    if ! find_node; then
        say "installing Node.js 24"
        quietly install --prefix "$cache/node" --no-save --ignore-scripts "$(basename "${node%/bin/node}")@24"
        find_node || { say "there is no Node.js 24 for this machine"; exit 1; }
    fi
    PATH="$(dirname "$node"):$PATH"
    say "installing n8n $VERSION into $cache; this takes some minutes"
    # Of 2,400 packages one needs its script: it builds the driver of the database.
    quietly install --prefix "$cache" --no-save --ignore-scripts "n8n@$VERSION"
    local headers
    for headers in "$(dirname "$(dirname "$node")")" /usr /usr/local; do
        # Headers of any version do; without these the build would fetch them.
        if [ -f "$headers/include/node/node_api.h" ]; then export npm_config_nodedir=$headers; break; fi
    done
    (cd "$cache" && quietly rebuild sqlite3)
    touch "$cache/complete"
}

answers() { curl --silent --fail --max-time 2 --output /dev/null "$@"; }

start() {
    local port=$1 folder=$2 base="http://127.0.0.1:$1" pid
    is_installed || { say "it is not installed; scripts/n8n.sh install"; exit 1; }
    if answers "$base/healthz"; then say "port $port is taken"; exit 1; fi
    mkdir -p "$folder"
    env NODE_ENV=production N8N_USER_FOLDER="$folder" N8N_PORT="$port" N8N_LISTEN_ADDRESS=127.0.0.1 \
        N8N_RUNNERS_BROKER_PORT=$((port + 1)) N8N_ENCRYPTION_KEY=only-for-tests N8N_SECURE_COOKIE=false \
        N8N_DIAGNOSTICS_ENABLED=false N8N_VERSION_NOTIFICATIONS_ENABLED=false N8N_TEMPLATES_ENABLED=false \
        N8N_PERSONALIZATION_ENABLED=false N8N_COMMUNITY_PACKAGES_ENABLED=false N8N_LICENSE_AUTO_RENEW_ENABLED=false \
        N8N_MCP_SERVER_RATE_LIMIT=10000 PATH="$(dirname "$node"):$PATH" \
        "$node" "$program" start >"$folder/log" 2>&1 </dev/null &
    pid=$!
    echo "$pid" >"$folder/pid"
    # It answers long before it works: until then everything is a page.
    for _ in $(seq 600); do
        if answers "$base/healthz/readiness" &&
            curl --silent --max-time 2 "$base/rest/settings" | grep -q '"data"'; then
            make_owner "$base"
            printf '{"base_url":"%s","email":"%s","password":"%s","folder":"%s"}\n' "$base" "$EMAIL" "$PASSWORD" "$folder"
            return
        fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 20 "$folder/log" >&2
    kill "$pid" 2>/dev/null || true
    exit 1
}

# Only the first time; data that was there before has its owner.
make_owner() {
    curl --silent --max-time 10 --output /dev/null -H 'content-type: application/json' "$1/rest/owner/setup" \
        -d "{\"email\":\"$EMAIL\",\"firstName\":\"Test\",\"lastName\":\"Owner\",\"password\":\"$PASSWORD\"}"
}

stop() {
    local pid
    pid=$(cat "$1/pid") || exit 1
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

case "${1:-}" in
    installed) is_installed ;;
    install) install ;;
    start) start "${2:?which port}" "${3:?which folder}" ;;
    stop) stop "${2:?which folder}" ;;
    *) help ;;
esac
