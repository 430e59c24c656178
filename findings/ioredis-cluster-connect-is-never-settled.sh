#!/usr/bin/env bash
# The promise of a cluster client's connect() is never settled where the cluster is not whole at first, though the client is ready soon after.
#
# Expected: `await cluster.connect()` resolves once the client is ready, or rejects when it gives up.
# Seen (ioredis 6.0.0, Redis 7.0.15, Node.js 24.21): the first look finds `cluster_state:fail`, as in the midst of a failover; the client disconnects, connects
# again by itself, is `ready` when the cluster is whole, and carries out commands. The promise of the call stays pending for ever. BullMQ 6.7.0 awaits
# it when it connects a worker's blocking connection again after a late answer, and such a worker takes no job any more.
#
# Needs node, npm, redis-server and redis-cli on the PATH, or Debian's apt to fetch the last two into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill -9 "$(cat "$folder/pid" 2>/dev/null)" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
if ! command -v redis-server >/dev/null || ! command -v redis-cli >/dev/null; then
  apt-get download redis-tools redis-server >/dev/null
  for deb in ./*.deb; do dpkg -x "$deb" .; done
  PATH="$folder/usr/bin:$PATH"
fi
npm install --silent --no-audit --no-fund --prefix "$folder" ioredis@6.0.0 >/dev/null
redis-server --version
node --version
cat >try.mjs <<'JS'
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { Cluster, Redis } from "ioredis";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      // The servers talk to each other on a port that is 10,000 higher.
      probe.close(() => resolve(port < 50_000 ? port : freePort()));
    });
  });
const port = await freePort();
const args = ["--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--dir", process.cwd(), "--save", "", "--appendonly", "no"];
const server = spawn("redis-server", args.map(String), { stdio: "ignore" });
writeFileSync("pid", `${server.pid}\n`);
await sleep(1000);
const admin = new Redis(port, "127.0.0.1");
// One slot is nobody's yet.
await admin.call("CLUSTER", "ADDSLOTSRANGE", 0, 16_382);
await sleep(1000);
const states = [];
const cluster = new Cluster([{ host: "127.0.0.1", port }], { lazyConnect: true, clusterRetryStrategy: () => 200 });
cluster.on("error", () => {});
for (const state of ["connect", "ready", "close", "reconnecting", "end"]) cluster.on(state, () => states.push(state));
let connecting = "pending";
cluster.connect().then(
  () => (connecting = "resolved"),
  (error) => (connecting = `rejected: ${error.message}`),
);
await sleep(1500);
await admin.call("CLUSTER", "ADDSLOTS", 16_383);
await sleep(5000);
const answer = await cluster.set("key", "value");
console.log(`first ${states.slice(0, 3).join(", ")}; last ${states.at(-1)}; a command is answered with ${answer}; connect() is ${connecting}`);
const isSo = cluster.status === "ready" && answer === "OK" && connecting === "pending";
console.log(isSo ? "as described" : "CHANGED");
process.exit(isSo ? 0 : 1);
JS
timeout 60 node try.mjs
