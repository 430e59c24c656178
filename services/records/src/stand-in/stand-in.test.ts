import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import supertest from "supertest";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  ADMIN,
  AGENT,
  client as documented,
  steppingClock,
  storeUnderTest,
  type StoreUnderTest,
} from "../under-test.ts";
import { createStandIn, type StandInOptions } from "./stand-in.ts";

let store: StoreUnderTest;
let clock: ReturnType<typeof steppingClock>;
let app: StoreUnderTest["app"];
beforeAll(async () => {
  store = await storeUnderTest();
  const api = documented(store.app);
  await api.post("custom_objects", { custom_object: { key: "thing", title: "Thing", title_pluralized: "Things" } });
  await api.post("custom_objects/thing/fields", { custom_object_field: { key: "note", title: "Note" } }).expect(201);
});
afterAll(() => store.close());
beforeEach(async () => {
  app = await as({ plan: "team" });
});

async function as(options: StandInOptions): Promise<StoreUnderTest["app"]> {
  clock = steppingClock();
  const clients = [{ id: "sluice", secret: "s", role: "admin" }] as const;
  return await store.another({ standIn: createStandIn(options, clock), clients });
}
/** A stand-in says what an account of Zendesk says, which is more than the store's own document has. */
const client = (of: StoreUnderTest["app"], token = ADMIN) => {
  const ask = (method: "get" | "post" | "patch" | "delete") => (path: string, body?: object) =>
    supertest(of)[method](`/api/v2/${path}`).set("Authorization", `Bearer ${token}`).send(body);
  return { get: ask("get"), post: ask("post"), patch: ask("patch"), delete: ask("delete") };
};
const control = (method: "get" | "post" | "patch" | "delete", path: string, body: object = {}) =>
  supertest(app)[method](`/__control${path}`).set("Authorization", `Bearer ${ADMIN}`).send(body);
const fault = async (body: object) => await control("post", "/faults", body).expect(201);
const read = () => client(app).get("custom_objects/thing/records");
const write = (id: string, note: string) =>
  client(app).patch(`custom_objects/thing/records?external_id=${id}`, {
    custom_object_record: { name: id, custom_object_fields: { note } },
  });
const noteOf = async (id: string): Promise<unknown> => {
  const { body } = await documented(store.app)
    .get(`custom_objects/thing/records?filter[external_ids]=${id}`)
    .expect(200);
  const [found] = (body as { custom_object_records: { custom_object_fields: { note: unknown } }[] })
    .custom_object_records;
  return found?.custom_object_fields.note;
};

test("a plan's requests are counted by the minute, with all families of headers; beyond them is 429 until it ends", async () => {
  app = await as({ plan: "team", requestsPerMinute: 3 });
  clock.advance(500);
  expect((await read().expect(200)).headers).toMatchObject({
    "x-rate-limit": "3",
    "x-rate-limit-remaining": "2",
    "ratelimit-limit": "3",
    "ratelimit-remaining": "2",
    "ratelimit-reset": "60",
  });
  clock.advance(20_000);
  await read().expect(200);
  await read().expect(200);
  const refused = await read().expect(429);
  expect(refused.headers).toMatchObject({ "retry-after": "40", "x-rate-limit-remaining": "0" });
  expect(refused.body).toEqual({
    error: "APIRateLimitExceeded",
    description: "Number of allowed API requests per minute exceeded",
  });
  clock.advance(40_000);
  expect((await read().expect(200)).headers["retry-after"]).toBeUndefined();
  const { body } = await control("get", "").expect(200);
  expect(body).toMatchObject({
    requests: { counted: 4, refused: 1, mostInAnyMinute: 3, asked: { "GET records": 5 } },
  });
});

test.each([
  ["team", 200],
  ["growth", 400],
  ["professional", 400],
  ["enterprise", 700],
  ["enterprise-plus", 2500],
  ["high-volume", 2500],
] as const)("the plan %s has %i requests a minute", async (plan, limit) => {
  app = await as({ plan });
  expect((await read().expect(200)).headers["x-rate-limit"]).toBe(String(limit));
});

test.each(["json", "text"] as const)(
  "every operation's document has the 429 that it answers, as %s",
  async (throttleBody) => {
    app = await as({ plan: "team", requestsPerMinute: 1, incrementalExportsPerMinute: 1, throttleBody });
    await read().expect(200);
    const { body } = await supertest(app).get("/openapi.json").expect(200);
    const { paths } = body as {
      paths: Record<string, Record<string, { responses: Record<string, { headers?: object }> }>>;
    };
    const calls = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { responses }]) => ({ path, method, responses })),
    );
    expect(calls.length).toBeGreaterThan(30);
    for (const { path, method, responses } of calls) {
      expect([path, method, Object.keys(responses["429"]?.headers ?? {})]).toEqual([
        path,
        method,
        expect.arrayContaining(["Retry-After", "X-Rate-Limit", "X-Rate-Limit-Remaining", "ratelimit-reset"]),
      ]);
      // Tokens don't count as requests of the account.
      if (!path.startsWith("/api/v2/")) continue;
      const ask = documented(app)[method as "get"];
      const answer = await ask(path.replace("/api/v2/", "").replaceAll(/\{\w+\}/g, "thing")).expect(429);
      for (const name of Object.keys(responses["429"]?.headers ?? {})) {
        expect(answer.headers[name.toLowerCase()], name).toMatch(/^\d+$/);
      }
    }
  },
);

test("a 429 can be plain text", async () => {
  app = await as({ plan: "team", requestsPerMinute: 1 });
  await control("patch", "/settings", { throttleBody: "text" }).expect(200);
  await read().expect(200);
  const { text, headers } = await read().expect(429);
  expect(text).toBe("Number of allowed API requests per minute exceeded");
  expect(headers).toMatchObject({ "retry-after": "60", "content-type": "text/plain; charset=utf-8" });
});

test("incremental exports have a smaller limit of their own", async () => {
  const path = "incremental/custom_objects/thing/cursor?start_time=0";
  for (let i = 0; i < 10; i += 1) {
    const { status, headers } = await client(app).get(path);
    expect(status).not.toBe(429);
    expect(headers["zendesk-ratelimit-incremental-exports"]).toBe(`total=10; remaining=${9 - i}; resets=60`);
  }
  await client(app).get(path).expect(429);
  await read().expect(200);
});

test("a plan's objects and lookup fields are limited", async () => {
  app = await as({ plan: "team" });
  const api = client(app);
  const make = (key: string) =>
    api.post("custom_objects", { custom_object: { key, title: "A", title_pluralized: "As" } });
  await make("second").expect(201);
  await make("third").expect(201);
  expect((await make("fourth").expect(422)).body).toMatchObject({
    details: { base: [{ description: "Custom object: the limit of the account has been reached" }] },
  });
  const lookup = (i: number) =>
    api.post("custom_objects/second/fields", {
      custom_object_field: {
        key: `l${i}`,
        type: "lookup",
        title: "L",
        relationship_target_type: "zen:custom_object:thing",
      },
    });
  for (let i = 0; i < 5; i += 1) await lookup(i).expect(201);
  await lookup(5).expect(422);
  await api.delete("custom_objects/second").expect(204);
  await api.delete("custom_objects/third").expect(204);
});

test("fencing tokens are not looked at", async () => {
  await write("fenced", "new").set("Sluice-Fence", "20").expect(200);
  await write("fenced", "late").set("Sluice-Fence", "10").expect(200);
  expect(await noteOf("fenced")).toBe("late");
});

test("a fault meets as many requests as it was asked for, and only those that it names", async () => {
  await fault({ method: "PATCH", path: "/thing/", status: 503, retryAfter: 7, count: 2 });
  await read().expect(200);
  const { headers, body } = await write("f", "a").expect(503);
  expect(headers["retry-after"]).toBe("7");
  expect(body).toEqual({ error: "StandIn", description: "A fault that was asked for" });
  await write("f", "b").expect(503);
  await write("f", "c").expect(200);
  await fault({ status: 502, body: "<html>bad gateway</html>", count: 9 });
  expect((await read().expect(502)).text).toBe("<html>bad gateway</html>");
  expect((await control("delete", "/faults").expect(200)).body).toMatchObject({ faults: [] });
  await read().expect(200);
});

test("a request without a token meets no limit, and its faults all the same", async () => {
  await fault({ path: "/oauth", status: 500 });
  await supertest(app).post("/oauth/tokens").send({}).expect(500);
  await supertest(app).post("/oauth/tokens").send({}).expect(400);
});

test("access tokens end when they are told to, and those that come after are good", async () => {
  const fetchToken = async (): Promise<string> => {
    const grant = { grant_type: "client_credentials", client_id: "sluice", client_secret: "s" };
    const { body } = await supertest(app).post("/oauth/tokens").send(grant).expect(201);
    return (body as { access_token: string }).access_token;
  };
  const before = await fetchToken();
  await client(app, before).get("custom_objects").expect(200);
  await control("delete", "/tokens").expect(200);
  await client(app, before).get("custom_objects").expect(401);
  await client(app, await fetchToken())
    .get("custom_objects")
    .expect(200);
  await control("patch", "/settings", { tokenSeconds: 5 }).expect(200);
  const short = await fetchToken();
  await control("post", "/clock", { advanceMs: 5_000 }).expect(200);
  await client(app, short).get("custom_objects").expect(401);
});

test("the controls are for admins, say what is wrong with a request, and are not there without a plan", async () => {
  await supertest(app).get("/__control").expect(401);
  await supertest(app).get("/__control").set("Authorization", `Bearer ${AGENT}`).expect(403);
  expect((await control("post", "/faults", { stauts: 500 }).expect(400)).body).toMatchObject({
    error: "InvalidParameters",
    description: expect.stringContaining("stauts") as unknown,
  });
  await control("patch", "/settings", { requestsPerMinute: 0 }).expect(400);
  await supertest(store.app).get("/__control").set("Authorization", `Bearer ${ADMIN}`).expect(404);
  await supertest(store.app).post("/__control/faults").set("Authorization", `Bearer ${ADMIN}`).expect(404);
});

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test("a connection is cut before the request is carried out, or after, with the answer lost", async () => {
  server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const send = async (id: string) =>
    await fetch(`http://127.0.0.1:${port}/api/v2/custom_objects/thing/records?external_id=${id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${ADMIN}` },
      body: JSON.stringify({ custom_object_record: { name: id, custom_object_fields: { note: "n" } } }),
    });
  await fault({ drop: "before" });
  await expect(send("before")).rejects.toThrow();
  expect(await noteOf("before")).toBeUndefined();
  await fault({ drop: "after commit" });
  await expect(send("after")).rejects.toThrow();
  expect(await noteOf("after")).toBe("n");
  expect((await send("then")).status).toBe(200);
});
