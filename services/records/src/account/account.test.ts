import supertest from "supertest";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ADMIN,
  AGENT,
  READER,
  client,
  objectWith,
  steppingClock,
  storeUnderTest,
  type StoreUnderTest,
} from "../under-test.ts";

const clock = steppingClock();
const SECRET = "the client's secret";
let store: StoreUnderTest;
beforeAll(async () => {
  store = await storeUnderTest({
    clock,
    clients: [
      { id: "sluice", secret: SECRET, role: "admin" },
      { id: "reader", secret: "another", role: "read-only" },
    ],
  });
});
afterAll(() => store.close());

const GRANT = { grant_type: "client_credentials", client_id: "sluice", client_secret: SECRET, scope: "read write" };
const ask = (body: object) => supertest(store.app).post("/oauth/tokens").send(body);
const tokenFor = async (more: object = {}): Promise<string> => {
  const { body } = await ask({ ...GRANT, ...more }).expect(201);
  return (body as { access_token: string }).access_token;
};
const make = (token: string) =>
  client(store.app, token).post("custom_objects", {
    custom_object: { key: `made_${Math.trunc(clock.nowMs())}`, title: "A", title_pluralized: "As" },
  });

test("client credentials give a bearer token that is good until its end, in JSON or as a form", async () => {
  const { body } = await ask(GRANT).expect(201);
  expect(body).toEqual({
    access_token: expect.any(String) as unknown,
    token_type: "bearer",
    scope: "read write",
    expires_in: 1800,
  });
  const { access_token: token } = body as { access_token: string };
  await client(store.app, token).get("custom_objects").expect(200);
  await make(token).expect(201);
  await supertest(store.app)
    .post("/oauth/tokens.json")
    .type("form")
    .send({ ...GRANT, expires_in: "300" })
    .expect(201);
  clock.advance(1800 * 1000);
  expect((await client(store.app, token).get("custom_objects").expect(401)).body).toEqual({
    error: "Couldn't authenticate you",
  });
});

test("every process on a database takes the token of every other, and none that was changed", async () => {
  const token = await tokenFor();
  const other = await store.another({ clients: [{ id: "sluice", secret: SECRET, role: "admin" }] });
  await client(other, token).get("custom_objects").expect(200);
  const [text = "", signature = ""] = token.split(".");
  const facts = JSON.parse(Buffer.from(text, "base64url").toString()) as unknown[];
  const longer = Buffer.from(JSON.stringify([facts[0], facts[1], facts[2], Number(facts[3]) + 1])).toString(
    "base64url",
  );
  for (const bad of [`${longer}.${signature}`, `${text}.`, text, `${text}.${signature.slice(1)}`, "[].x", "e30.x"]) {
    await client(store.app, bad).get("custom_objects").expect(401);
  }
  const rotated = await store.another({ clients: [{ id: "sluice", secret: "next", role: "admin" }] });
  await client(rotated, token).get("custom_objects").expect(401);
});

test.each([
  ["read write", 200, 201],
  ["custom_objects:read custom_objects:write", 200, 201],
  ["read", 200, 403],
  ["custom_objects:read", 200, 403],
  ["tickets:read tickets:write", 403, 403],
])("the scope %j reads with %i and makes objects with %i", async (scope, reading, making) => {
  clock.advance(1);
  const token = await tokenFor({ scope });
  await client(store.app, token).get("custom_objects").expect(reading);
  await make(token).expect(making);
});

test("a scope never gives more than its client may do", async () => {
  const token = await tokenFor({ client_id: "reader", client_secret: "another" });
  await client(store.app, token).get("custom_objects").expect(200);
  await make(token).expect(403);
});

test.each([
  [{ client_secret: "wrong" }, 401, "invalid_client"],
  [{ client_id: "nobody" }, 401, "invalid_client"],
  [{ grant_type: "password" }, 400, "unsupported_grant_type"],
  [{ scope: "everything" }, 400, "invalid_scope"],
  [{ expires_in: 299 }, 400, "invalid_request"],
  [{ expires_in: 172_801 }, 400, "invalid_request"],
  [{ client_secret: 7 }, 400, "invalid_request"],
])("%j is refused with %i %s", async (more, status, error) => {
  expect((await ask({ ...GRANT, ...more }).expect(status)).body).toMatchObject({ error });
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const form = (authorization: string, fields: object) =>
  supertest(store.app).post("/oauth/tokens").type("form").set("Authorization", authorization).send(fields);

test.each([
  ["as they are", basic("sluice", SECRET)],
  ["encoded as a form does it", basic("sluice", "the+client%27s+secret")],
  ["with another spelling of the scheme", basic("sluice", SECRET).replace("Basic", "BASIC ")],
])("a client's credentials may stand in the Authorization header, %s", async (_how, authorization) => {
  const { body, headers } = await form(authorization, { grant_type: "client_credentials", scope: "read" }).expect(201);
  const { access_token } = body as { access_token: string };
  await client(store.app, access_token).get("custom_objects").expect(200);
  expect([headers["cache-control"], headers["pragma"]]).toEqual(["no-store", "no-cache"]);
});

test.each<[string, object, number, string]>([
  [basic("sluice", "wrong"), {}, 401, "invalid_client"],
  [basic("nobody", SECRET), {}, 401, "invalid_client"],
  ["Basic", {}, 401, "invalid_client"],
  [basic("sluice", SECRET), { client_id: "sluice" }, 201, ""],
  [basic("sluice", SECRET), { client_id: "sluice", client_secret: SECRET }, 201, ""],
  [basic("sluice", SECRET), { client_id: "reader" }, 400, "invalid_request"],
  [basic("sluice", SECRET), { client_secret: "another" }, 400, "invalid_request"],
  [basic("sluice", "%"), {}, 401, "invalid_client"],
  ["Bearer x", {}, 400, "invalid_request"],
])("of %s with %j the answer is %i", async (authorization, more, status, error) => {
  const { body, headers } = await form(authorization, { grant_type: "client_credentials", ...more }).expect(status);
  expect((body as { error?: string }).error ?? "").toBe(error);
  expect(headers["www-authenticate"]).toBe(status === 401 ? 'Basic realm="oauth"' : undefined);
});

test("a body that is no JSON is refused as everywhere", async () => {
  const { body } = await supertest(store.app).post("/oauth/tokens").type("json").send("{").expect(400);
  expect(body).toMatchObject({ error: "InvalidJSON" });
});

test("limits tell how much there is and may be, the one of objects to admins alone", async () => {
  const object = await objectWith(store.app, { fields: [{ key: "a" }, { key: "b" }] });
  const reader = client(store.app, READER);
  const { body: fields } = await reader.get(`custom_objects/${object}/limits/field_limit`).expect(200);
  expect(fields).toEqual({ count: 2, limit: 100 });
  await reader.get("custom_objects/no_such/limits/field_limit").expect(404);
  await client(store.app)
    .post(`custom_objects/${object}/records`, { custom_object_record: { name: "One" } })
    .expect(201);
  clock.advance(1000);
  const { body: records } = await client(store.app, AGENT).get("custom_objects/limits/record_limit.json").expect(200);
  expect(records).toEqual({ count: 1, limit: 50_000_000 });
  const { body: objects } = await client(store.app, ADMIN).get("custom_objects/limits/object_limit").expect(200);
  expect((objects as { count: number }).count).toBeGreaterThan(0);
  await reader.get("custom_objects/limits/object_limit").expect(403);
});
