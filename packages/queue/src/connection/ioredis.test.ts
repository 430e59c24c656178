import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { beforeAll, expect, test } from "vitest";
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
