#!/bin/sh
# What the image does, without Docker: install, start as its user would, ask, stop.
# Usage: docker/check.sh, in the root of the sources.
set -eu
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
server=
mkdir "$folder/source" "$folder/home"
# As .dockerignore leaves it.
tar --exclude=./.git --exclude=./.venv --exclude=./build --exclude=./tests -cf - . |
    tar -xf - -C "$folder/source"
(cd "$folder/source" && sh docker/install.sh "$folder/treernn")
cd "$folder/home"
"$folder/treernn/bin/treernn" serve --host 127.0.0.1 --port 0 >"$folder/out" &
server=$!
address=
for _ in $(seq 240); do
    address=$(sed -n 's/^ready at //p' "$folder/out")
    [ -n "$address" ] && break
    kill -0 "$server"
    sleep 0.5
done
"$folder/treernn/bin/python" - "$address" <<'PYTHON'
import json
import sys
import urllib.request

address = sys.argv[1]
assert urllib.request.urlopen(address + "readyz").read() == b"ready\n"
assert b"<html" in urllib.request.urlopen(address).read()
request = urllib.request.Request(
    address + "api/score",
    json.dumps({"text": "It isn't good."}).encode(),
    {"Content-Type": "application/json"},
)
assert json.load(urllib.request.urlopen(request))["label"] == "negative"
PYTHON
kill -TERM "$server"
wait "$server"
echo "the image's steps work"
