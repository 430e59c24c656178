import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import request, { type Response } from "supertest";
import { expect, test } from "vitest";
import { CUSTOMER, LIMIT_BYTES, openDoor, send } from "../door.fixture.ts";

test.each([
  ["nothing", Buffer.alloc(0)],
  ["invalid UTF-8", Buffer.from([0x22, 0xff, 0x22])],
  ["NUL", Buffer.from('{"a":"\\u0000"}')],
  ["deep nesting", Buffer.from("[".repeat(500) + "]".repeat(500))],
])("a signed body of %s is unreadable", async (_, body) => {
  const response = await send(openDoor(), "shop", body);
  expect(response.status).toBe(400);
  expect(response.body.error.hint).not.toBe("");
});

test("a signed body is read whatever its content type says, or when it says nothing", async () => {
  for (const type of ["application/cloudevents+json", "text/plain", "application/x-www-form-urlencoded", ""]) {
    const response = await send(openDoor(), "shop", CUSTOMER).set("content-type", type);
    expect([type, response.status]).toEqual([type, 202]);
  }
});

test("ids beyond 2^53 reach the mapping with every digit", async () => {
  const door = openDoor();
  await send(door, "shop", Buffer.from('{"id":9007199254740993,"updated_at":"2026-11-05T11:59:57Z"}'));
  expect(door.admitted[0]?.changes[0]?.key.value).toBe("9007199254740993");
});

test.each(["gzip", "x-gzip"])("a body in %s is verified and read as what it unfolds to", async (encoding) => {
  const plain = Buffer.from(JSON.stringify(CUSTOMER));
  const headers = { "content-encoding": encoding, "x-shopify-webhook-id": "w-1" };
  const response = await send(openDoor(), "shop", gzipSync(plain), { headers, signed: plain });
  expect(response.status).toBe(202);
});

test("a small body that unfolds beyond the limit is too large", async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000, " "));
  expect(bomb.length).toBeLessThan(LIMIT_BYTES);
  const response = await send(openDoor(), "shop", bomb, { headers: { "content-encoding": "gzip" } });
  expect(response.status).toBe(413);
});

test("what only claims to be gzip is unreadable", async () => {
  const response = await send(openDoor(), "shop", CUSTOMER, { headers: { "content-encoding": "gzip" } });
  expect(response.status).toBe(400);
});

test("a content encoding that is not supported is refused", async () => {
  const response = await send(openDoor(), "shop", CUSTOMER, { headers: { "content-encoding": "br" } });
  expect(response.status).toBe(415);
  expect(response.body.error.code).toBe("encoding_unsupported");
});

test("a body at the limit is read and one byte more is refused, with its length told or not", async () => {
  const pad = (bytes: number) => Buffer.from(JSON.stringify(CUSTOMER).padEnd(bytes, " "));
  expect((await send(openDoor(), "shop", pad(LIMIT_BYTES))).status).toBe(202);
  const told = await send(openDoor(), "shop", pad(LIMIT_BYTES + 1));
  expect([told.status, told.body.error.code]).toEqual([413, "body_too_large"]);
  const door = openDoor();
  const untold = request(door.app).post("/webhooks/shop").set("transfer-encoding", "chunked");
  untold.write(pad(LIMIT_BYTES + 1).toString());
  expect((await untold).status).toBe(413);
});

test("a body that is too large is refused by its announced length, before it is sent", async () => {
  const announced = request(openDoor().app).post("/webhooks/shop").set("content-length", "1000000000");
  announced.write("x");
  const response = await announced;
  expect(response.status).toBe(413);
  expect(response.headers["connection"]).toBe("close");
});

test("a body without end is refused as soon as it passes the limit", async () => {
  const server = createServer(openDoor().app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sending = httpRequest({ port, host: "127.0.0.1", method: "POST", path: "/webhooks/shop" });
  // The rest that is still being sent meets a closed connection, which is as it should be.
  sending.on("error", () => undefined);
  sending.write(Buffer.alloc(LIMIT_BYTES + 1, " "));
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(413);
  sending.destroy();
  server.close();
  await once(server, "close");
});

test("a sender that breaks off leaves a line in the log, and nothing else", async () => {
  const door = openDoor();
  const server = createServer(door.app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sending = httpRequest({ port, host: "127.0.0.1", method: "POST", path: "/webhooks/shop" });
  sending.on("error", () => undefined);
  sending.write("half");
  await once(server, "request");
  sending.destroy();
  await door.firstLine;
  server.close();
  expect(door.lines.map((line) => (JSON.parse(line) as { code?: string }).code)).toEqual(["body_unreadable"]);
  expect(door.admitted).toEqual([]);
});

test("large bodies share a room: one too many is to come again, and ordinary ones pass", async () => {
  const bodyLimitBytes = 1_000_000;
  const door = openDoor({ source: { bodyLimitBytes }, largeBodiesBytes: 300_000 });
  const large = Buffer.from(JSON.stringify(CUSTOMER).padEnd(250_000, " "));
  const server = createServer(door.app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = { "x-shopify-hmac-sha256": "AAAA", "content-length": "999999" };
  const stranger = httpRequest({ port, host: "127.0.0.1", method: "POST", path: "/webhooks/shop", headers });
  stranger.on("error", () => undefined);
  stranger.write(Buffer.alloc(300_000, " "));
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes === 300_000) resolve();
    };
    server.once("request", (arriving: IncomingMessage) => arriving.on("data", count));
  });
  const untilStatus = async (status: number): Promise<Response> => {
    const response = await send(door, "shop", large);
    return response.status === status ? response : await untilStatus(status);
  };
  const refused = await send(door, "shop", large);
  expect([refused.status, refused.body.error.code, refused.headers["retry-after"]]).toEqual([503, "busy", "1"]);
  expect((await send(door, "shop", CUSTOMER)).status).toBe(202);
  stranger.destroy();
  // The door hears of the broken connection a little later.
  await untilStatus(202);
  server.close();
  await once(server, "close");
});

test("what a gzipped body unfolds to needs room too", async () => {
  const door = openDoor({ source: { bodyLimitBytes: 1_000_000 }, largeBodiesBytes: 100_000 });
  const plain = Buffer.from(JSON.stringify(CUSTOMER).padEnd(250_000, " "));
  const headers = { "content-encoding": "gzip" };
  expect((await send(door, "shop", gzipSync(plain), { headers, signed: plain })).status).toBe(503);
  expect((await send(door, "shop", CUSTOMER)).status).toBe(202);
});
