#!/usr/bin/env bash
# A replica that takes its master's slots over knows nothing of a slot that was being moved: it serves what is left of it as if it were all.
#
# Expected: while a slot is half moved, whoever has the source's slots sends clients that ask for a key which has gone to the target (ASK), also after a
# failover in the middle of the move.
# Seen (Redis 7.0.15): MIGRATING is kept in the source's nodes.conf alone. Its replica is promoted without it, and answers `nil` for every key that
# has gone, where its master answered ASK; it takes writes of them as of new ones. The target has the keys and still calls the slot IMPORTING, and
# `CLUSTER INFO` says `cluster_state:ok` with all slots served. A multi-key script that reads and writes such keys works on the half that is left.
#
# Needs redis-server and redis-cli on the PATH, or Debian's apt to fetch them into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'for pid in $(cat "$folder"/*/pid 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
cd "$folder"
if ! command -v redis-server >/dev/null || ! command -v redis-cli >/dev/null; then
  apt-get download redis-tools redis-server >/dev/null
  for deb in ./*.deb; do dpkg -x "$deb" .; done
  PATH="$folder/usr/bin:$PATH"
fi
redis-server --version

first=$((20000 + RANDOM % 2000))
ports=()
for at in 0 1 2 3 4 5; do
  port=$((first + at))
  mkdir "server-$at"
  redis-server --port "$port" --bind 127.0.0.1 --cluster-enabled yes --cluster-node-timeout 2000 --dir "$folder/server-$at" --save "" \
    --appendonly no >/dev/null &
  echo $! >"server-$at/pid"
  disown
  ports+=("$port")
done
until_says() { # words, command…
  local words=$1
  shift
  for _ in $(seq 300); do
    if "$@" 2>/dev/null | grep -q "$words"; then return 0; fi
    sleep 0.1
  done
  echo "never said: $words"
  return 1
}
for port in "${ports[@]}"; do until_says PONG redis-cli -p "$port" ping; done
redis-cli --cluster create "${ports[@]/#/127.0.0.1:}" --cluster-replicas 1 --cluster-yes >/dev/null
ask() { redis-cli -p "$@"; }
replicas_seen_by() { echo "replicas: $(ask "$1" cluster nodes | grep -c slave)"; }
for port in "${ports[@]}"; do
  until_says cluster_state:ok ask "$port" cluster info
  until_says 'replicas: 3' replicas_seen_by "$port"
done

slot=$(ask "${ports[0]}" cluster keyslot '{tag}')
for at in $(seq 10); do redis-cli -c -p "${ports[0]}" set "{tag}:$at" "value $at" >/dev/null; done
source=$(ask "${ports[0]}" cluster nodes | awk -v slot="$slot" '
  $3 ~ /master/ { for (i = 9; i <= NF; i++) { split($i, range, "-"); if (slot >= range[1] && slot <= range[2]) { split($2, at, /[:@]/); print at[2] } } }')
target=$(ask "${ports[0]}" cluster nodes | awk -v source="$source" '$3 ~ /master/ { split($2, at, /[:@]/); if (at[2] != source) { print at[2]; exit } }')
source_id=$(ask "$source" cluster myid)
heir=$(ask "$source" cluster nodes | awk -v id="$source_id" '$4 == id { split($2, at, /[:@]/); print at[2] }')
until_says master_link_status:up ask "$heir" info replication

ask "$target" cluster setslot "$slot" importing "$source_id" >/dev/null
ask "$source" cluster setslot "$slot" migrating "$(ask "$target" cluster myid)" >/dev/null
for at in 1 2 3 4 5; do ask "$source" migrate 127.0.0.1 "$target" "{tag}:$at" 0 5000 >/dev/null; done
ask "$source" wait 1 5000 >/dev/null
before=$(ask "$source" get '{tag}:1' 2>&1 || true)
echo "a key that has gone, at the source: $before"

kill -9 "$(grep -l . server-*/pid | while read -r file; do [ "$((first + ${file:7:1}))" = "$source" ] && cat "$file"; done)"
until_says role:master ask "$heir" info replication
until_says cluster_state:ok ask "$heir" cluster info
after=$(ask "$heir" get '{tag}:1' 2>&1 || true)
stays=$(ask "$heir" get '{tag}:6')
written=$(ask "$heir" setnx '{tag}:1' new)
importing=$(ask "$target" cluster nodes | grep -c "\[$slot-<-" || true)
echo "the same at the replica that took over: '${after}'; one that had not gone: '${stays}'; set if it is not there: ${written}"
kept=$(ask "$target" cluster countkeysinslot "$slot")
echo "the target has ${kept} keys of the slot, and imports still: ${importing}"
if [[ $before == *ASK* && -z $after && $stays == 'value 6' && $written == 1 && $kept == 5 && $importing == 1 ]]; then
  echo "as described"
else
  echo "CHANGED"
  exit 1
fi
