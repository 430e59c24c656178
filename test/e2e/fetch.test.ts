import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startFleet, type Fleet, type Numbers } from "../fleet.ts";

/** A sender whose events carry an id alone, and its API, which has the documents. */
let api: Server;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];
let fleet: Fleet;
let before: Numbers;
vi.setConfig({ testTimeout: 90_000 });
const documents = new Map<string, { id: string; name: string; tier: string; updated: string }>();

function serve(request: IncomingMessage, response: ServerResponse): void {
  const document = documents.get((request.url ?? "").split("/").at(-1) ?? "");
  if (document === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ customer: document }));
}

async function openApi(on = 0): Promise<void> {
  api = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  }).listen(on, "127.0.0.1");
  await once(api, "listening");
  port = (api.address() as AddressInfo).port;
}

async function closeApi(): Promise<void> {
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
}

const sourceOf = (name: string, auth: string): string => `
  ${name}:
    scheme: standard-webhooks
    secrets: ["\${FLEET_SECRET}"]
    fetch:
      when: type = "customer.changed"
      url: "http://127.0.0.1:${port}/customers/{{data.id}}"
      document: customer
      missing: delete
      ${auth}
      requests_per_minute: 60000
      timeout: 5s
    records:
      - destination: crm
        object: customer
        external_id: "'c-' & $string(data.id)"
        name: data.name
        version: data.updated
        fields: { tier: data.tier, city: notice.city }
      - when: type = "customer.deleted"
        destination: crm
        object: customer
        external_id: "'c-' & $string(data.id)"
        version: time
        delete: true`;

const configuration = (): string => `
sources:
${sourceOf("thin", "")}
${sourceOf("guarded", `auth: { oauth: { token_url: "http://127.0.0.1:${port}/token", client_id: me, client_secret: hush } }`)}
destinations:
  crm: { kind: zendesk, url: "\${RECORDS_URL}", auth: { bearer: "\${SLUICE_RECORDS_TOKEN}" }, requests_per_minute: 60000 }
objects:
  customer:
    title: Customer
    title_pluralized: Customers
    fields: { tier: { type: text, title: Tier }, city: { type: text, title: City } }
`;

/** A worker needs seconds to start on a busy machine: one fleet serves all tests, each with customers of its own. */
beforeAll(async () => {
  asked = [];
  answer = serve;
  await openApi();
  fleet = await startFleet({ workers: 2, text: configuration() });
});
beforeEach(async () => {
  asked = [];
  documents.clear();
  answer = serve;
  before = await fleet.numbers();
});
afterAll(async () => {
  await fleet.close();
  await closeApi();
});

/** The numbers counted since the test began. */
async function counted(): Promise<Record<string, number>> {
  const { accepted, outcomes } = await fleet.drained();
  const since = Object.entries(outcomes).map(([name, count]) => [name, count - (before.outcomes[name] ?? 0)]);
  return { ...(Object.fromEntries(since) as Record<string, number>), accepted: accepted - before.accepted };
}

function put(id: string, tier: string, updated = "2026-03-01T00:00:00Z"): void {
  documents.set(id, { id, name: `Customer ${id}`, tier, updated });
}

const changed = async (event: string, id: string, city?: string) =>
  await fleet.send(
    { id: event, type: "customer.changed", data: { id, ...(city === undefined ? {} : { city }) } },
    "thin",
  );

async function recordOf(id: string) {
  return (await fleet.recordsOf("customer")).find(({ external_id: key }) => key === `c-${id}`);
}

/** A burst lasts while the first answer is held back, so that the test does not depend on its own speed. */
test("a burst of thin events on one record is one request more, sees the document, and each event has an outcome", async () => {
  put("7", "silver");
  const held = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  answer = (request, response) => {
    first.resolve();
    void held.promise.then(() => serve(request, response));
  };
  expect((await changed("burst-0", "7", "Rome")).body.events[0]?.status).toBe("accepted");
  await first.promise;
  const burst = Array.from({ length: 99 }, async (_, index) => await changed(`burst-${index + 1}`, "7", "Oslo"));
  expect(new Set((await Promise.all(burst)).map(({ status }) => status))).toEqual(new Set([202]));
  put("7", "gold", "2026-03-02T00:00:00Z");
  held.resolve();
  const { accepted, dead, applied, merged, superseded, unchanged } = await counted();
  // One request was under way when the burst came (unless it was slow and ran into its deadline), one was made after it.
  expect(asked.length).toBeLessThanOrEqual(3);
  expect(new Set(asked)).toEqual(new Set(["GET /customers/7"]));
  expect(dead).toBe(0);
  expect(accepted).toBeGreaterThanOrEqual(101);
  expect(applied! + merged! + superseded! + unchanged!).toBe(accepted);
  expect(await recordOf("7")).toMatchObject({
    name: "Customer 7",
    custom_object_fields: { tier: "gold", city: "Oslo" },
  });
});

test("the document's own version rules: one that was read from a copy that lags behind changes nothing", async () => {
  put("1", "new", "2026-03-05T00:00:00Z");
  await changed("one", "1");
  await fleet.drained();
  put("1", "old", "2026-03-04T00:00:00Z");
  await changed("two", "1");
  expect((await counted())["superseded"]).toBe(1);
  expect((await recordOf("1"))?.custom_object_fields).toMatchObject({ tier: "new" });
});

test("an API that is away holds the fetches: none dies, none is forgotten", async () => {
  await closeApi();
  const ids = Array.from({ length: 30 }, (_, index) => `a${index}`);
  for (const id of ids) {
    put(id, "kept");
    expect((await changed(`away-${id}`, id)).status).toBe(202);
  }
  expect((await fleet.numbers()).pending).toBe(30);
  await openApi(port);
  expect(await counted()).toMatchObject({ dead: 0, applied: 60, accepted: 60 });
  const all = new Set((await fleet.recordsOf("customer")).map(({ external_id: key }) => key));
  expect(ids.filter((id) => !all.has(`c-${id}`))).toEqual([]);
});

test("a document that is gone is a delete where that is so configured; an event that tells a delete is not fetched", async () => {
  put("21", "gold");
  put("22", "gold");
  await changed("there-21", "21");
  await changed("there-22", "22");
  await fleet.drained();
  documents.clear();
  await changed("gone-21", "21");
  await fleet.drained();
  expect(await recordOf("21")).toBeUndefined();
  asked = [];
  await fleet.send({ id: "gone-22", type: "customer.deleted", data: { id: "22" } }, "thin");
  await fleet.drained();
  expect(await recordOf("22")).toBeUndefined();
  expect(asked).toEqual([]);
});

test("an answer without the document is a dead letter that a later event heals", async () => {
  answer = (_, response) => void response.writeHead(200).end('{"other":1}');
  await changed("odd", "31");
  expect((await counted())["dead"]).toBe(1);
  answer = serve;
  put("31", "gold");
  await changed("good", "31");
  await fleet.drained();
  expect((await recordOf("31"))?.custom_object_fields).toMatchObject({ tier: "gold" });
});

test("an id stays within its place in the URL, and one that can't is a dead letter", async () => {
  for (const id of ["..", ""]) await changed(`path-${id}`, id);
  await changed("encoded", "../../admin?x=1");
  expect((await counted())["dead"]).toBe(2);
  expect(asked).toEqual(["GET /customers/..%2F..%2Fadmin%3Fx%3D1"]);
});

test("an access token is asked for once, sent along, and replaced once when it is refused", async () => {
  const tokens = ["stale", "fresh"];
  const sent: (string | undefined)[] = [];
  answer = (request, response) => {
    if (request.method === "POST") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ access_token: tokens.shift(), expires_in: 3600 }));
      return;
    }
    sent.push(request.headers.authorization);
    if (request.headers.authorization === "Bearer fresh") serve(request, response);
    else response.writeHead(401).end();
  };
  put("41", "gold");
  await fleet.send({ id: "guarded", type: "customer.changed", data: { id: "41" } }, "guarded");
  await fleet.drained();
  expect(sent).toEqual(["Bearer stale", "Bearer fresh"]);
  expect((await recordOf("41"))?.custom_object_fields).toMatchObject({ tier: "gold" });
});
