#!/usr/bin/env bash
# A Redis that is out of memory refuses reads inside MULTI.
#
# Expected: at maxmemory with `noeviction` a Redis refuses what takes memory (SET) and answers reads (HGETALL).
# Seen (Redis 7.0.15): it answers HGETALL, refuses the same HGETALL once MULTI was said ("OOM command not
# allowed"), and EXEC then throws the whole transaction away (EXECABORT). So a dashboard or a health check that reads several keys
# in one transaction goes blind exactly when the server is full. A plain pipeline of the same reads is answered.
#
# Needs redis-server and redis-cli on the PATH, or Debian's apt to fetch them into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
if ! command -v redis-server >/dev/null; then
  (cd "$folder" && apt-get download redis-tools redis-server >/dev/null && for deb in ./*.deb; do dpkg -x "$deb" .; done)
  PATH="$folder/usr/bin:$PATH"
fi
redis-server --version
redis-server --port 0 --unixsocket "$folder/redis.sock" --save "" --dir "$folder" --daemonize no >"$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cli() { redis-cli -s "$folder/redis.sock" "$@"; }
for _ in $(seq 100); do [ "$(cli PING 2>/dev/null)" = PONG ] && break; sleep 0.1; done

cli HSET books accepted 1 >/dev/null
cli CONFIG SET maxmemory 1 maxmemory-policy noeviction >/dev/null

fail=0
check() { # what, pattern, output
  if grep -q -- "$2" <<<"$3"; then echo "as described: $1"; else echo "CHANGED: $1: $3"; fail=1; fi
}
check "a write is refused" "OOM" "$(cli SET key value 2>&1 || true)"
check "a read is answered" "accepted" "$(cli HGETALL books 2>&1)"
inside=$(printf 'MULTI\nHGETALL books\nEXEC\n' | cli 2>&1 || true)
check "the same read inside MULTI is refused" "OOM command not allowed" "$inside"
check "and EXEC gives up the whole transaction" "EXECABORT" "$inside"
check "the same reads in a pipeline are answered" "accepted" "$(printf 'HGETALL books\nHGETALL books\n' | cli 2>&1)"
exit "$fail"
