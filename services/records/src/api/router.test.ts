import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import supertest from "supertest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN, client, objectWith, storeUnderTest, type StoreUnderTest } from "../under-test.ts";

let store: StoreUnderTest;
let object: string;
beforeAll(async () => {
  store = await storeUnderTest();
  object = await objectWith(store.app, { fields: [{ key: "note", type: "text" }] });
});
afterAll(() => store.close());

const BEARER = { Authorization: `Bearer ${ADMIN}` };
const RECORD = JSON.stringify({ custom_object_record: { name: "N", custom_object_fields: { note: "n" } } });

test("a path is the same with .json, with a slash at its end, and in capitals", async () => {
  for (const path of [
    "/api/v2/custom_objects",
    "/api/v2/custom_objects.json",
    "/api/v2/custom_objects/",
    "/API/V2/Custom_Objects",
  ]) {
    const { status, body } = await supertest(store.app).get(path).set(BEARER);
    expect([path, status, Object.keys(body as object)]).toEqual([path, 200, ["custom_objects"]]);
  }
});

test("nobody comes past the token by writing a path in another way", async () => {
  for (const path of [
    "/API/v2/custom_objects",
    "/api/v2/custom_objects/",
    "/api/v2//custom_objects",
    "/api/v2",
    "/api/v2/x",
  ]) {
    await supertest(store.app).get(path).expect(401);
  }
  for (const path of [
    "//api/v2/custom_objects",
    "/x/../api/v2/custom_objects",
    "/apiv2/custom_objects",
    "/api/v2x/custom_objects",
  ]) {
    const { body } = await supertest(store.app).get(path).expect(404);
    expect(body).toMatchObject({ error: "InvalidEndpoint" });
  }
});

test("OPTIONS tells the methods of a path without credentials, grants no origin anything, and of no path is a 404", async () => {
  const ask = (path: string) =>
    supertest(store.app)
      .options(path)
      .set({ Origin: "https://elsewhere.example", "Access-Control-Request-Method": "PATCH" });
  const records = `/api/v2/custom_objects/${object}/records`;
  for (const [path, allow] of [
    [records, "DELETE, GET, HEAD, OPTIONS, PATCH, POST"],
    [`${records}.json`, "DELETE, GET, HEAD, OPTIONS, PATCH, POST"],
    [`${records}/search`, "GET, HEAD, OPTIONS, POST"],
    ["/api/v2/custom_objects/no_such_object/jobs", "OPTIONS, POST"],
    ["/oauth/tokens", "OPTIONS, POST"],
  ] as const) {
    const answer = await ask(path).expect(204);
    expect([path, answer.headers["allow"], answer.text]).toEqual([path, allow, ""]);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
  await ask("/api/v2/tickets").expect(401);
  await ask("/oauth/tickets").expect(404);
  await ask("/api/v2/tickets").set(BEARER).expect(404);
});

test("an empty segment is no key, and an escape that spells no text is a 400", async () => {
  const api = client(store.app);
  await api.get("custom_objects//records").expect(404);
  await supertest(store.app).get("/api/v2/custom_objects/%ff/records").set(BEARER).expect(400);
  const escaped = await api.get(`custom_objects/${object.replace("o", "%6f")}`).expect(200);
  expect(escaped.body).toMatchObject({ custom_object: { key: object } });
});

test("HEAD is answered like GET, without a body", async () => {
  const { headers, text: body } = await supertest(store.app).head("/api/v2/custom_objects").set(BEARER).expect(200);
  expect(Number(headers["content-length"])).toBeGreaterThan(2);
  expect(body).toBeUndefined();
});

test.each([
  ["in one piece", { "Content-Length": String(RECORD.length) }, [RECORD]],
  ["in two pieces", { "Content-Length": String(RECORD.length) }, [RECORD.slice(0, 20), RECORD.slice(20)]],
  ["in chunks", {}, [RECORD.slice(0, 20), RECORD.slice(20)]],
  ["compressed", { "Content-Encoding": "gzip" }, [gzipSync(RECORD)]],
])("a body that comes %s is read", async (how, headers, pieces) => {
  const server = store.app.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const path = `/api/v2/custom_objects/${object}/records?external_id=${encodeURIComponent(how)}`;
  const sent = request({ port, path, method: "PATCH", headers: { ...BEARER, ...headers } });
  for (const piece of pieces) await new Promise((written) => sent.write(piece, written));
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  expect(JSON.parse(await text(answer))).toMatchObject({
    custom_object_record: { external_id: how, custom_object_fields: { note: "n" } },
  });
  server.close();
});

test("a caller who leaves in the middle of a body harms nobody", async () => {
  const server = store.app.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  const path = `/api/v2/custom_objects/${object}/records?external_id=left`;
  const asked = once(server, "request");
  socket.write(
    `PATCH ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ADMIN}\r\nContent-Length: 500\r\n\r\n{"custom`,
  );
  const [begun] = (await asked) as [IncomingMessage];
  const gone = new Promise((resolve) => begun.once("close", resolve));
  socket.destroy();
  await gone;
  const { body } = await client(store.app)
    .get(`custom_objects/${object}/records?filter[external_ids]=left`)
    .expect(200);
  expect(body).toMatchObject({ custom_object_records: [] });
  server.close();
});
