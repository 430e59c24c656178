#!/usr/bin/env bash
# CLIENT and INFO that are asked while a client connects are neither sent again nor refused where that connection ends before it is ready.
#
# Expected: a command that was sent on a connection that ended is sent again on the next one (`autoResendUnfulfilledCommands`, the default), as every other is,
# or its promise rejects.
# Seen (ioredis 6.0.0, Redis 7.0.15, Node.js 24.21): of two commands that are asked at the event `connect`, GET waits for the next connection and is
# answered. CLIENT LIST, which may go out during the handshake, went along with the first one, and its promise stays pending for ever,
# while the client is ready and carries out everything that follows. A BullMQ worker whose processor awaits it keeps its job, and renews its lock, for as long as it lives.
#
# Needs node, npm and redis-server on the PATH, or Debian's apt to fetch the last one into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill -9 "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
if ! command -v redis-server >/dev/null; then
  apt-get download redis-tools redis-server >/dev/null
  for deb in ./*.deb; do dpkg -x "$deb" .; done
  PATH="$folder/usr/bin:$PATH"
fi
npm install --silent --no-audit --no-fund --prefix "$folder" ioredis@6.0.0 >/dev/null
redis-server --version
node --version
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { Redis } from "ioredis";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const probe = createServer().listen(0, "127.0.0.1");
await once(probe, "listening");
const { port } = probe.address();
probe.close();
const args = ["--port", port, "--bind", "127.0.0.1", "--dir", process.cwd(), "--save", "", "--appendonly", "no"];
const server = spawn("redis-server", args.map(String), { stdio: "ignore" });
writeFileSync("pid", `${server.pid}\n`);
await sleep(1000);
let connections = 0;
const network = createServer((client) => {
  client.on("error", () => {});
  connections += 1;
  // The first connection ends before the server has said a word.
  if (connections === 1) return void setTimeout(() => client.destroy(), 200);
  const redis = connect(port, "127.0.0.1").on("error", () => {});
  client.pipe(redis).pipe(client);
}).listen(0, "127.0.0.1");
await once(network, "listening");
const redis = new Redis({ host: "127.0.0.1", port: network.address().port, maxRetriesPerRequest: null });
redis.on("error", () => {});
await once(redis, "connect");
const ends = { get: "pending", clientList: "pending" };
for (const [name, asked] of [["get", redis.get("key")], ["clientList", redis.client("LIST")]]) {
  asked.then(
    () => (ends[name] = "answered"),
    (error) => (ends[name] = `rejected: ${error.message}`),
  );
}
await sleep(5000);
const pong = await redis.ping();
console.log(`after ${connections} connections: status ${redis.status}, PING ${pong}, GET ${ends.get}, CLIENT LIST ${ends.clientList}`);
const isSo = connections === 2 && redis.status === "ready" && ends.get === "answered" && ends.clientList === "pending";
console.log(isSo ? "as described" : "CHANGED");
process.exit(isSo ? 0 : 1);
JS
timeout 60 node try.mjs
