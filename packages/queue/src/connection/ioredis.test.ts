import { once } from "node:events";
import { connect as connectTo, createServer, type AddressInfo } from "node:net";
import type { Redis } from "ioredis";
import { beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { connect } from "./connection.ts";

// A port at which nobody listens any more.
let port = 0;
beforeAll(async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
  server.close();
});

/** BullMQ waits for that end when a worker is closed. */
test.for(["redis", "redis+cluster"])(
  "a client of %s: that is told to end between two attempts to connect says that it has, and refuses what waited",
  async (scheme) => {
    const redis = connect(`${scheme}://127.0.0.1:${port}`, "worker", () => {});
    const said = async (event: string): Promise<void> => await new Promise((resolve) => redis.once(event, resolve));
    const refused = redis.get("a").catch(({ message }: Error) => message);
    await said("reconnecting");
    const ended = said("end");
    redis.disconnect();
    await ended;
    expect(await refused).toMatch(/^(Connection is closed|None of startup nodes is available)/);
    expect(redis.status).toBe("end");
  },
);

/** A worker that asked who lives, as it takes over a job, held that job for ever. */
test.for<[string, (redis: Redis) => Promise<unknown>]>([
  ["CLIENT LIST", async (redis) => await redis.client("LIST")],
  ["INFO", async (redis) => await redis.info()],
])(
  "%s is settled that is asked while a connection is made, though that connection ends before it is ready",
  async ([, ask]) => {
    const { port: realPort, hostname } = new URL(inject("redisUrl"));
    let connections = 0;
    const proxy = createServer((socket) => {
      socket.on("error", () => {});
      connections += 1;
      // The first one is cut in the midst of its handshake.
      if (connections === 1) return void setTimeout(() => socket.destroy(), 50);
      const server = connectTo(Number(realPort), hostname).on("error", () => {});
      socket.pipe(server).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const url = new URL(inject("redisUrl"));
    url.port = String((proxy.address() as AddressInfo).port);
    const redis = connect(url.href, "worker", () => {});
    onTestFinished(() => {
      redis.disconnect();
      proxy.close();
    });
    await new Promise((resolve) => redis.once("connect", resolve));
    await expect(ask(redis)).rejects.toThrow("Connection is closed");
    expect(await redis.ping()).toBe("PONG");
    expect(connections).toBe(2);
  },
);
