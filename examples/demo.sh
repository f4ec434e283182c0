#!/bin/sh
# `make demo`: records the scripted agent, asks what happened, and shows how to go on. Everything lies in one place.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=${DEMO_DIRECTORY:-$(mktemp -d "${TMPDIR:-/tmp}/wrapper-demo.XXXXXX")}
export WRAPPER_DB="$place/wrapper.db" WRAPPER_RECORDINGS="$place/recordings"

echo "\$ wrapper codex --enable-db -- sh examples/agent.sh"
wrapper codex --enable-db -- sh "$here/agent.sh"
echo
echo "\$ wrapper show last"
wrapper show last
echo
echo "\$ wrapper events --type error"
wrapper events --type error
echo
wrapper serve --port 0 2>"$place/server.log" &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
until address=$(grep -o 'http://[^ ]*' "$place/server.log"); do
    kill -0 "$server" || { cat "$place/server.log"; exit 1; }
    sleep 0.1
done
echo "\$ curl '$address/api/query/stats/agent/codex'"
python3 - "$address/api/query/stats/agent/codex" <<'PYTHON'
import json, sys, urllib.request
print(json.dumps(json.load(urllib.request.urlopen(sys.argv[1], timeout=10)), indent=2))
PYTHON
cat <<END

It is all in $place. To go on:
    export WRAPPER_DB=$place/wrapper.db WRAPPER_RECORDINGS=$place/recordings
    .venv/bin/wrapper sessions
    .venv/bin/wrapper serve          # then: curl -N 'http://localhost:8151/api/replay/session/last?speed=2'
    rm -r $place                     # removes it
END
