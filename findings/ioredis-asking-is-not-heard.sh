#!/usr/bin/env bash
# A cluster client of ioredis leaves a rejection unheard when a connection breaks while a slot moves: Node.js ends the process for it.
#
# Expected: a command that is redirected with ASK fails, or is tried again, when its connection breaks.
# Seen (ioredis 6.0.0, Redis 7.0.15, Node.js 24.21): before such a command the client sends ASKING and keeps nobody who hears its answer. When the
# connection breaks before the answer, that promise is rejected unheard ("Connection is closed."), and Node.js ends the process. The command
# itself is told to its caller.
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
const ports = [await freePort(), await freePort(), await freePort()];
for (const port of ports) {
  const dir = `${process.cwd()}/server-${port}`;
  mkdirSync(dir);
  const args = ["--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--dir", dir, "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", args.map(String), { stdio: "ignore" });
  writeFileSync(`${dir}/pid`, `${server.pid}\n`);
}
await sleep(1000);
execFileSync("redis-cli", ["--cluster", "create", ...ports.map((port) => `127.0.0.1:${port}`), "--cluster-yes"]);
await sleep(2000);
const admins = ports.map((port) => new Redis(port, "127.0.0.1"));
const slot = await admins[0].call("CLUSTER", "KEYSLOT", "key");
const slots = await admins[0].call("CLUSTER", "SLOTS");
const ownerPort = slots.find(([from, to]) => from <= slot && slot <= to)[2][1];
const from = admins[ports.indexOf(ownerPort)];
const to = admins.find((each) => each !== from);
// The slot is on its way, and none of its keys is where it was: each command is redirected with ASK.
await to.call("CLUSTER", "SETSLOT", slot, "IMPORTING", await from.call("CLUSTER", "MYID"));
await from.call("CLUSTER", "SETSLOT", slot, "MIGRATING", await to.call("CLUSTER", "MYID"));
let unheard = 0;
process.on("unhandledRejection", () => (unheard += 1));
const cluster = new Cluster(ports.map((port) => ({ host: "127.0.0.1", port })));
cluster.on("error", () => {});
let told = 0;
for (let time = 0; time < 200; time += 1) {
  const asked = Array.from({ length: 20 }, () => cluster.get("key").catch(() => (told += 1)));
  if (time % 4 === 0) await to.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await Promise.race([Promise.all(asked), sleep(50)]);
}
console.log(`${unheard} rejections that nobody heard, ${told} that were told to a caller`);
console.log(unheard > 0 ? "as described" : "CHANGED");
process.exit(unheard > 0 ? 0 : 1);
JS
timeout 60 node try.mjs
