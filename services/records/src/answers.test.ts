import supertest from "supertest";
import type { Database } from "@sluice/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN, AGENT, READER, client, objectWith, storeUnderTest, type StoreUnderTest } from "./under-test.ts";

let store: StoreUnderTest;
let object: string;
beforeAll(async () => {
  store = await storeUnderTest();
  object = await objectWith(store.app);
});
afterAll(() => store.close());

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("credentials", () => {
  test.each([
    [`Bearer ${ADMIN}`, 200],
    [`bearer  ${ADMIN}`, 200],
    [basic("admin@example.com/token", ADMIN), 200],
    [basic("Admin@Example.com/token", ADMIN), 200],
    [basic("anyone@example.com/token", AGENT), 200],
    [basic("other@example.com/token", ADMIN), 401],
    [basic("admin@example.com", ADMIN), 401],
    ["Bearer wrong", 401],
    ["Bearer", 401],
    [`Token ${ADMIN}`, 401],
    ["Basic !!!", 401],
    ["", 401],
  ])("%s is answered with %i", async (authorization, status) => {
    const { body } = await supertest(store.app)
      .get("/api/v2/custom_objects")
      .set("Authorization", authorization)
      .expect(status);
    const refused = { error: "Couldn't authenticate you" };
    expect(body).toMatchObject(status === 401 ? refused : { custom_objects: [{ key: object }] });
  });

  test("without any, not even an endpoint that is not there is told apart", async () => {
    await supertest(store.app).get("/api/v2/nothing").expect(401);
    await supertest(store.app).get("/api/v2/custom_objects").expect(401);
  });

  test("an agent writes records but defines nothing, a reader only reads", async () => {
    const record = { custom_object_record: { name: "One" } };
    const definition = { custom_object: { key: "x", title: "X", title_pluralized: "Xs" } };
    const agent = client(store.app, AGENT);
    await agent.post(`custom_objects/${object}/records`, record).expect(201);
    await agent.get(`custom_objects/${object}/fields`).expect(200);
    const reader = client(store.app, READER);
    await reader.get(`custom_objects/${object}/records`).expect(200);
    for (const refused of [
      agent.post("custom_objects", definition),
      agent.delete(`custom_objects/${object}`),
      agent.patch(`custom_objects/${object}/fields/standard::name`, {}),
      reader.post(`custom_objects/${object}/records`, record),
      reader.patch(`custom_objects/${object}/records?external_id=E1`, record),
      reader.delete(`custom_objects/${object}/records?external_id=E1`),
    ]) {
      const { body } = await refused.expect(403);
      expect(body).toEqual({
        error: { title: "Forbidden", message: expect.stringContaining("account owner") as unknown },
      });
    }
  });
});

test("every answer has the vendor's headers, and no success a Retry-After", async () => {
  for (const path of ["custom_objects", "nothing"]) {
    const { headers } = await client(store.app).get(path);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "x-zendesk-api-version": "v2",
      "x-request-id": expect.stringMatching(/./) as unknown,
      "x-zendesk-request-id": headers["x-request-id"],
      "cache-control": expect.stringContaining("private") as unknown,
      "x-rate-limit": expect.stringMatching(/^\d+$/) as unknown,
      "x-rate-limit-remaining": expect.stringMatching(/^\d+$/) as unknown,
      etag: expect.stringMatching(/^W\//) as unknown,
    });
    expect(headers).not.toHaveProperty("retry-after");
    expect(headers).not.toHaveProperty("x-powered-by");
  }
});

test.each([
  ["get", "nothing"],
  ["put", "custom_objects"],
  ["post", "custom_objects/x/triggers"],
  ["get", "custom_objects/x/records/01ARZ3NDEKTSV4RRFFQ69G5FAV/attachments"],
] as const)("%s %s is 404 InvalidEndpoint", async (method, path) => {
  const { body } = await client(store.app)[method](path).expect(404);
  expect(body).toEqual({ error: "InvalidEndpoint", description: "Not found" });
});

test.each([
  ["cut off", '{"custom_object_record":'],
  ["not JSON", "name=x"],
  ["nested too deep", `{"custom_object_record":${"[".repeat(100)}${"]".repeat(100)}}`],
  ["nested without end", "[".repeat(500_000)],
  ["a number", "17"],
  ["empty", ""],
])("a body that is %s is 400", async (_what, body) => {
  const path = `custom_objects/${object}/records?external_id=E1`;
  const answer = await client(store.app).patch(path, body).expect(400);
  expect(answer.body).toHaveProperty("error");
});

test("bytes that are no UTF-8 are 400", async () => {
  const raw = supertest(store.app).patch(`/api/v2/custom_objects/${object}/records?external_id=E1`);
  raw.set("Authorization", `Bearer ${ADMIN}`).set("Content-Type", "application/octet-stream");
  const bytes = Buffer.concat([
    Buffer.from('{"custom_object_record":{"name":"'),
    Buffer.from([0xff]),
    Buffer.from('"}}'),
  ]);
  const { body } = await raw.send(bytes).expect(400);
  expect(body).toMatchObject({ error: "InvalidJSON" });
});

test("a body over the limit is 413, and one on a GET or DELETE is no matter", async () => {
  const api = client(store.app);
  const path = `custom_objects/${object}/records?external_id=nope`;
  const { body } = await api.patch(path, `"${"x".repeat(1024 * 1024)}"`).expect(413);
  expect(body).toMatchObject({ error: "RequestEntityTooLarge" });
  await api.delete(path, "nonsense").expect(404);
});

test("a path that can't be decoded is 400, and one that holds what no key can is 404", async () => {
  const api = client(store.app);
  await api.get("custom_objects/%ff").expect(400);
  for (const path of [
    "custom_objects/a%00b",
    "custom_objects/a.b/records",
    `custom_objects/${object}/fields/a%00`,
    `custom_objects/${object}/records/x`,
  ]) {
    await api.get(path).expect(404);
  }
});

describe("a database that fails", () => {
  const failing = (error: Error): Database => ({
    ...store.database,
    async query(sql, parameters) {
      if (sql.includes("from records.object where deleted_at")) throw error;
      return store.database.query(sql, parameters);
    },
  });
  test.each([
    ["40001", 409, { error: "DatabaseConflict" }, undefined],
    ["40P01", 409, { error: "DatabaseConflict" }, undefined],
    ["57P01", 503, { error: "ServiceUnavailable" }, "5"],
    ["ECONNREFUSED", 503, { error: "ServiceUnavailable" }, "5"],
    ["XX000", 500, { error: "InternalError", description: "Something went wrong" }, undefined],
  ])("with %s is answered with %i", async (code, status, body, retryAfter) => {
    const app = await store.another({ database: failing(Object.assign(new Error("secret details"), { code })) });
    const answer = await client(app).get("custom_objects").expect(status);
    expect(answer.body).toMatchObject(body);
    expect(answer.headers["retry-after"]).toBe(retryAfter);
    expect(JSON.stringify(answer.body)).not.toContain("secret");
  });
});
