import { once } from "node:events";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { createZendeskClient } from "./client.ts";
import { startClients } from "./server.fixture.ts";

const clients = startClients();
afterEach(clients.close);
const KEY = { by: "external_id", value: "1" } as const;

test("HTTP/1.1 alone is offered, also to a server that would take HTTP/2: a connection that died is replaced", async () => {
  const heard = Promise.withResolvers<Buffer>();
  const server = createTcpServer((socket) => {
    socket.once("data", (hello: Buffer) => {
      heard.resolve(hello);
      socket.destroy();
    });
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createZendeskClient({ url, auth: { bearer: "t" }, concurrency: 1, timeoutMs: 5000 });
  onTestFinished(async () => await client.close());
  await expect(client.upsertRecord("customer", KEY, { fields: {} })).rejects.toThrow();
  // A client's offers stand in the clear in its first message, each name after its length.
  const hello = (await heard.promise).toString("latin1");
  expect(hello).toContain("\u0008http/1.1");
  expect(hello).not.toContain("\u0002h2");
});

test.each(["destroy", "resetAndDestroy"] as const)(
  "an upsert on a fresh connection that is dropped (%s) is not sent twice",
  async (drop) => {
    let requests = 0;
    const client = await clients.against((request) => {
      requests += 1;
      request.socket[drop]();
    });
    await expect(client.upsertRecord("customer", KEY, { fields: {} })).rejects.toMatchObject({
      code: "destination_unreachable",
      mayHaveSent: true,
    });
    expect(requests).toBe(1);
  },
);

test("one that met a reset connection which had answered before goes once more", async () => {
  let requests = 0;
  const client = await clients.against(
    (request, response) => {
      requests += 1;
      const socket = request.socket as typeof request.socket & { served?: boolean };
      if (socket.served === true) socket.resetAndDestroy();
      else response.end("{}");
      socket.served = true;
    },
    { concurrency: 1 },
  );
  await client.upsertRecord("customer", KEY, { fields: {} });
  expect(await client.upsertRecord("customer", KEY, { fields: {} })).toMatchObject({ status: 200 });
  expect(requests).toBe(3);
});

test("where nobody listens nothing was sent", async () => {
  const client = await clients.against(() => {});
  clients.endServer();
  await expect(client.upsertRecord("customer", KEY, { fields: {} })).rejects.toMatchObject({ mayHaveSent: false });
});
