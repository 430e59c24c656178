import { readFileSync } from "node:fs";
import request from "supertest";
import { expect, test } from "vitest";
import { Validator } from "@seriousme/openapi-schema-validator";
import { createLog, systemClock } from "@sluice/runtime";
import { createConsoleApp } from "./app.ts";
import { FAULTS } from "./api/fault.ts";
import { OPERATIONS } from "./api/operations.ts";
import { LIMITS } from "./limits.ts";

const SURROUNDINGS = { version: "0.1.0", hasHistory: false, sources: ["erp"], destinations: [] } as const;

function consoleOf({ nowMs = () => systemClock.nowMs(), token = "operator-token" } = {}) {
  return createConsoleApp({
    tokens: [
      { token, role: "operate", name: null },
      { token: "reader-token", role: "read", name: "wall" },
    ],
    clock: { nowMs },
    log: createLog({ role: "console", level: "silent" }),
    surroundings: () => ({ ...SURROUNDINGS, sources: [...SURROUNDINGS.sources], destinations: [] }),
    routes: Object.values(OPERATIONS).map((operation) => ({ operation, handle: async () => ({}) })),
  });
}

test("nobody without a token is told anything", async () => {
  const app = consoleOf();
  for (const operation of Object.values(OPERATIONS).filter(({ role }) => role !== null)) {
    const path = operation.path.replaceAll(/\{\w+\}/g, "x");
    const answer = await request(app)[operation.method](path).send({});
    expect({ path, status: answer.status, code: answer.body.error.code }).toEqual({
      path,
      status: 401,
      code: "unauthenticated",
    });
  }
});

test("a reader sees, and changes nothing", async () => {
  const app = consoleOf();
  const as = { Authorization: "Bearer reader-token" };
  expect((await request(app).get("/api/session").set(as)).body).toEqual({
    role: "read",
    name: "wall",
    ...SURROUNDINGS,
  });
  const refused = await request(app).post("/api/destinations/crm/hold").set(as).send({});
  expect([refused.status, refused.body.error.code]).toEqual([403, "forbidden"]);
});

test("a cookie stands for the token that it was made for, for twelve hours", async () => {
  let nowMs = Date.UTC(2026, 10, 28);
  const app = consoleOf({ nowMs: () => nowMs });
  const wrong = await request(app).post("/api/session").send({ token: "guess" });
  expect([wrong.status, wrong.headers["set-cookie"]]).toEqual([401, undefined]);

  const signedIn = await request(app).post("/api/session").send({ token: "operator-token" });
  expect(signedIn.status).toBe(204);
  const [cookie] = signedIn.headers["set-cookie"] as unknown as string[];
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/);
  const pair = cookie!.split(";", 1)[0]!;
  expect((await request(app).get("/api/session").set("Cookie", pair)).body.role).toBe("operate");

  const other = pair.replace(/[.](.)/, (_all, first: string) => (first === "A" ? ".B" : ".A"));
  expect((await request(app).get("/api/session").set("Cookie", other)).status).toBe(401);
  const longer = pair.replace(/=(\d+)/, (_all, until: string) => `=${Number(until) + 1}`);
  expect((await request(app).get("/api/session").set("Cookie", longer)).status).toBe(401);
  nowMs += LIMITS.sessionMs;
  expect((await request(app).get("/api/session").set("Cookie", pair)).status).toBe(401);
});

test("a cookie survives a restart of the console, and ends with the token that it was made for", async () => {
  const signedIn = await request(consoleOf()).post("/api/session").send({ token: "operator-token" });
  const [cookie] = signedIn.headers["set-cookie"] as unknown as string[];
  const pair = cookie!.split(";", 1)[0]!;
  expect((await request(consoleOf()).get("/api/session").set("Cookie", pair)).status).toBe(200);
  expect(
    (
      await request(consoleOf({ token: "another" }))
        .get("/api/session")
        .set("Cookie", pair)
    ).status,
  ).toBe(401);
});

// A page that the same host serves on another port is of the same site, and gets the cookie too.
test.each(["cross-site", "same-site"])("a %s page changes nothing, whatever cookie its visitor has", async (site) => {
  const app = consoleOf();
  const signedIn = await request(app).post("/api/session").send({ token: "operator-token" });
  const [cookie] = signedIn.headers["set-cookie"] as unknown as string[];
  const hold = await request(app)
    .post("/api/destinations/crm/hold")
    .set({ Cookie: cookie!.split(";", 1)[0]!, "Sec-Fetch-Site": site })
    .send({});
  expect([hold.status, hold.body.error.code]).toEqual([403, "origin_refused"]);
});

// A browser says `Sec-Fetch-Site` to a host with TLS alone.
test.each([
  ["http://sluice.internal:3000", {}, 403],
  ["null", {}, 403],
  ["http://sluice.internal:8082", {}, 200],
  ["http://sluice.example.com", { "X-Forwarded-Host": "sluice.example.com" }, 200],
  ["http://sluice.example.com", { "X-Forwarded-Host": "sluice.example.com, inner:8082" }, 200],
  ["http://elsewhere.example", { Authorization: "Bearer operator-token" }, 200],
])("without TLS a page of %s, with %j, is answered with %i", async (origin, headers, status) => {
  const app = consoleOf();
  const signedIn = await request(app).post("/api/session").send({ token: "operator-token" });
  const [cookie] = signedIn.headers["set-cookie"] as unknown as string[];
  const hold = await request(app)
    .post("/api/destinations/crm/hold")
    .set({ Cookie: cookie!.split(";", 1)[0]!, Host: "sluice.internal:8082", Origin: origin, ...headers });
  expect(hold.status).toBe(status);
});

test("a body that is no JSON is refused, and not passed over", async () => {
  const hold = request(consoleOf()).post("/api/destinations/crm/hold").set("Authorization", "Bearer operator-token");
  const refused = await hold.type("form").send("reason=theirs");
  expect([refused.status, refused.body.error]).toMatchObject([
    400,
    { code: "body_invalid", message: "the body is application/x-www-form-urlencoded" },
  ]);
});

test("a signature whose characters take more bytes than they should is none", async () => {
  const nowMs = Date.UTC(2026, 10, 28);
  const cookie = `sluice_session=${nowMs + 1000}.${"a".repeat(42)}\u00e9`;
  const answer = await request(consoleOf({ nowMs: () => nowMs }))
    .get("/api/session")
    .set("Cookie", cookie);
  expect(answer.status).toBe(401);
});

test("whoever guesses tokens has to wait", async () => {
  const app = consoleOf({ nowMs: () => 1_000_000 });
  for (let tries = 0; tries < LIMITS.wrongTokensPerMinute; tries += 1) {
    expect(
      (
        await request(app)
          .post("/api/session")
          .send({ token: `guess ${tries}` })
      ).status,
    ).toBe(401);
  }
  expect((await request(app).post("/api/session").send({ token: "operator-token" })).status).toBe(429);
});

test.each([
  ["get", "/api/letters?limit=0", 400, "query_invalid"],
  ["get", "/api/nothing", 404, "route_unknown"],
  ["post", "/api/letters/plan", 400, "body_invalid"],
] as const)("%s %s is answered %i %s", async (method, path, status, code) => {
  const answer = await request(consoleOf())[method](path).set("Authorization", "Bearer operator-token");
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  expect(answer.body.error).toMatchObject({ message: expect.any(String), hint: expect.any(String) });
});

test("its document is valid OpenAPI and names every operation", async () => {
  const { body } = await request(consoleOf()).get("/openapi.json");
  const { valid, errors } = await new Validator().validate(structuredClone(body));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  const ids = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>)
    .flatMap((item) => Object.values(item))
    .map(({ operationId }) => operationId);
  expect(ids.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
});

test("every fault of the API is in docs/console.md with its status, and no other", () => {
  const documented = readFileSync(new URL("../../../docs/console.md", import.meta.url), "utf8");
  const rows = [...documented.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \|$/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  expect(rows).toEqual(Object.entries(FAULTS).map(([code, { status }]) => [code, status]));
});
