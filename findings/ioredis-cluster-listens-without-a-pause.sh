#!/usr/bin/env bash
# A cluster client of ioredis that listens to a channel connects thousands of times a second while all servers are away.
#
# Expected: while no server of a cluster answers, the client tries again after the pauses of `clusterRetryStrategy`, as it does without a
# subscription.
# Seen (ioredis 6.0.0, Redis 7.0.15, Node.js 24.21): with one subscribed channel it connects several thousand times in each second, a
# processor's work, for as long as the servers are away, and its status stays "ready". Without a subscription it makes none in that time. The
# connection that listens is made anew at once whenever it ends, to any server that was known, and the strategy is not asked.
#
# Needs node, npm, redis-server and redis-cli on the PATH, or Debian's apt to fetch the last two into a temporary folder. Ends by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'for pid in $(cat "$folder"/*/pid 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
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
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { Cluster } from "ioredis";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      // The servers talk to each other on a port that is 10,000 higher.
      probe.close(() => resolve(port < 50_000 ? port : freePort()));
    });
  });
let connects = 0;
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  connects += 1;
  return connect.apply(this, args);
};

async function connectsInASecond(name, isListening) {
  const ports = [await freePort(), await freePort(), await freePort()];
  const servers = ports.map((port) => {
    const dir = `${process.cwd()}/${name}-${port}`;
    mkdirSync(dir);
    const args = ["--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--dir", dir, "--save", "", "--appendonly", "no"];
    const server = spawn("redis-server", args.map(String), { stdio: "ignore" });
    writeFileSync(`${dir}/pid`, `${server.pid}\n`);
    return server;
  });
  await sleep(1000);
  execFileSync("redis-cli", ["--cluster", "create", ...ports.map((port) => `127.0.0.1:${port}`), "--cluster-yes"]);
  await sleep(2000);
  const cluster = new Cluster(ports.map((port) => ({ host: "127.0.0.1", port })), { clusterRetryStrategy: () => 1000 });
  cluster.on("error", () => {});
  await cluster.set("key", "value");
  if (isListening) await cluster.subscribe("channel");
  for (const server of servers) server.kill("SIGKILL");
  await sleep(500);
  connects = 0;
  await sleep(2000);
  const rate = connects / 2;
  console.log(`${name}: ${rate} connections a second, status "${cluster.status}"`);
  cluster.disconnect();
  return rate;
}

const without = await connectsInASecond("without a subscription", false);
const listening = await connectsInASecond("with one channel", true);
const isSo = without < 20 && listening > 500;
console.log(isSo ? "as described" : "CHANGED");
process.exit(isSo ? 0 : 1);
JS
timeout 60 node try.mjs
