#!/bin/sh
# Load on a server that this starts: texts/s, times, wrong answers, errors, and peak memory.
# Usage, in the root of the sources: tests/load/run.sh [SECONDS [CLIENTS [OPTIONS of serve …]]]
set -eu
seconds=${1:-300} clients=${2:-200}
[ $# -gt 2 ] && shift 2 || set --
out=$(mktemp)
.venv/bin/treernn serve --port 0 "$@" >"$out" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$out"' EXIT
address=
while [ -z "$address" ]; do
    kill -0 "$server"
    sleep 0.2
    address=$(sed -n 's/^ready at //p' "$out")
done
wrk -t 2 -c "$clients" -d "${seconds}s" --timeout 60s -s tests/load/wrk.lua "$address"
echo "texts/s of one process without a server: treernn bench score"
for process in "$server" $(cat "/proc/$server/task/$server/children"); do
    printf 'peak memory of process %s: ' "$process"
    sed -n 's/^VmHWM:[[:space:]]*//p' "/proc/$process/status"
done
