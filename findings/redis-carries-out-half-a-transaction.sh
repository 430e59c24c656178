#!/usr/bin/env bash
# A Redis that was killed while it wrote a transaction carries out the first half of it, at the start after the next.
#
# Expected: a script's effects stand in the append-only file between MULTI and EXEC, and a start on a file that ends in the midst of them
# (`aof-load-truncated yes`, the default) drops all of them, for good.
# Seen (Redis 7.0.15): the first start drops them from memory, and cuts the file behind the last whole command instead of before MULTI. What
# is written next stands behind a MULTI without its EXEC, so the start after that one carries out the first commands of the script. Of 60
# times that a busy server (`appendfsync always`) was killed by SIGKILL one left such an end, and two counters that every script raises together were unequal.
# `redis-check-aof --fix` cuts the same file before MULTI. Valkey mended it in August 2026 (pull request 4342).
#
# The end that a kill leaves by chance is made here by cutting the file's last bytes off.
# Needs redis-server, redis-cli and redis-check-aof on the PATH, or Debian's apt to fetch them into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
if ! command -v redis-server >/dev/null || ! command -v redis-check-aof >/dev/null; then
  (cd "$folder" && apt-get download redis-tools redis-server >/dev/null && for deb in ./*.deb; do dpkg -x "$deb" .; done)
  PATH="$folder/usr/bin:$PATH"
fi
redis-server --version
cli() { redis-cli -s "$folder/redis.sock" "$@"; }
begin() {
  redis-server --port 0 --unixsocket "$folder/redis.sock" --appendonly yes --appendfsync always --save "" --dir "$folder" --daemonize no >>"$folder/log" 2>&1 &
  server=$!
  for _ in $(seq 100); do [ "$(cli PING 2>/dev/null)" = PONG ] && return; sleep 0.1; done
  return 1
}
end() { kill -9 "$server"; wait "$server" 2>/dev/null || true; }
both() { cli EVAL "redis.call('INCR', KEYS[1] .. ':first') redis.call('INCR', KEYS[1] .. ':second')" 1 "$1" >/dev/null; }

begin
both before
both cut
end
file=$(ls "$folder"/appendonlydir/*.incr.aof)
# EXEC is 14 bytes; five more are of the last INCR.
truncate -s "$(($(stat -c %s "$file") - 14 - 5))" "$file"
cp -r "$folder/appendonlydir" "$folder/copy"

fail=0
check() { # what, expected, seen
  if [ "$2" = "$3" ]; then echo "as described: $1: $3"; else echo "CHANGED: $1: $3, not $2"; fail=1; fi
}
begin
check "the first start drops the whole script" "0 0" "$(cli EXISTS cut:first) $(cli EXISTS cut:second)"
both after
end
begin
check "the next carries out its first half" "1 0" "$(cli EXISTS cut:first) $(cli EXISTS cut:second)"
check "beside scripts that are whole" "1 1 1 1" "$(cli EXISTS before:first) $(cli EXISTS before:second) $(cli EXISTS after:first) $(cli EXISTS after:second)"
end

rm -r "$folder/appendonlydir"
mv "$folder/copy" "$folder/appendonlydir"
echo y | redis-check-aof --fix "$folder/appendonlydir/appendonly.aof.manifest" >/dev/null
begin
both after
end
begin
check "mended by redis-check-aof, nothing of it comes back" "0 0" "$(cli EXISTS cut:first) $(cli EXISTS cut:second)"
end
exit "$fail"
