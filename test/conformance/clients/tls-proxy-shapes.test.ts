import { Agent, request } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOKEN, runningStore, type RunningStore } from "./store.fixture.ts";
import { CERTIFICATE, tlsProxy } from "./tls-proxy.fixture.ts";

/**
 * How the vendor's clients for Ruby and PHP walk a list and write, told from their public sources in our own code: they speak https
 * alone, so that each asks through a proxy that ends TLS.
 */
const RECORDS = "/api/v2/custom_objects/boat/records";
let store: RunningStore;
let proxy: Awaited<ReturnType<typeof tlsProxy>>;
let dispatcher: Agent;
beforeAll(async () => {
  store = await runningStore();
  await store.define("boat", [{ key: "length", title: "Length", type: "decimal" }]);
  proxy = await tlsProxy(store.url);
  dispatcher = new Agent({ connect: { ca: CERTIFICATE } });
});
afterAll(async () => {
  await dispatcher.close();
  await proxy.close();
  await store.close();
});

type Page = {
  custom_object_records: { external_id: string; custom_object_fields: object }[];
  meta: { has_more: boolean; after_cursor: string | null };
  links: { next: string | null; prev: string | null };
};

const BASIC = `Basic ${Buffer.from(`me@example.com/token:${TOKEN}`).toString("base64")}`;

async function ask(
  url: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
) {
  const answer = await request(url, {
    dispatcher,
    method,
    headers: { Authorization: BASIC, Accept: "application/json", "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, json: (text === "" ? {} : JSON.parse(text)) as unknown };
}

test("both create with POST at the path without .json or with it, and the answer's url is theirs to follow", async () => {
  for (const [key, path] of [
    ["1", RECORDS],
    ["2", `${RECORDS}.json`],
    ["3", RECORDS],
    ["4", RECORDS],
    ["5", RECORDS],
  ] as const) {
    // PHP has one empty array for lists and objects.
    const record = { name: `Boat ${key}`, external_id: key, custom_object_fields: key === "2" ? [] : { length: 7.5 } };
    const { status, headers, json } = await ask(`${proxy.url}${path}`, {
      method: "POST",
      body: { custom_object_record: record },
    });
    expect(status).toBe(201);
    const { url } = (json as { custom_object_record: { url: string } }).custom_object_record;
    expect(headers["location"]).toBe(url);
    expect(url.startsWith(`${proxy.url}${RECORDS}/`)).toBe(true);
    expect((await ask(url)).status).toBe(200);
  }
});

test("as the Ruby client walks: the size in brackets, escaped, then links.next as it stands until there is none", async () => {
  const found: string[] = [];
  for (let next: string | null = `${proxy.url}${RECORDS}?page%5Bsize%5D=2`; next !== null;) {
    const { custom_object_records: records, links, meta } = (await ask(next)).json as Page;
    found.push(...records.map(({ external_id: key }) => key));
    // The last page has no next link, or a next link to itself.
    expect(links.next === null).toBe(!meta.has_more);
    expect(links.next).not.toBe(next);
    next = links.next;
  }
  expect(found).toEqual(["1", "2", "3", "4", "5"]);
});

test("as the Ruby client's cache asks: what has not changed is a 304 for the ETag that came with it", async () => {
  const url = `${proxy.url}${RECORDS}?page%5Bsize%5D=2`;
  const etag = (await ask(url)).headers["etag"] as string;
  expect((await ask(url, { headers: { "If-None-Match": etag } })).status).toBe(304);
  const change = { custom_object_record: { custom_object_fields: { length: 8 } } };
  expect((await ask(`${proxy.url}${RECORDS}?external_id=1`, { method: "PATCH", body: change })).status).toBe(200);
  expect((await ask(url, { headers: { "If-None-Match": etag } })).status).toBe(200);
});

test("as the PHP client walks: page[size] and the last page's after_cursor, beside a sort made of sort_by and sort_order", async () => {
  const found: string[] = [];
  for (let after: string | null = ""; after !== null;) {
    const parameters = new URLSearchParams({
      "page[size]": "2",
      sort: "-updated_at",
      ...(after === "" ? {} : { "page[after]": after }),
    });
    const { custom_object_records: records, meta } = (await ask(`${proxy.url}${RECORDS}.json?${parameters.toString()}`))
      .json as Page;
    found.push(...records.map(({ external_id: key }) => key));
    after = meta.has_more ? meta.after_cursor : null;
  }
  expect(found.toSorted()).toEqual(["1", "2", "3", "4", "5"]);
  expect(found[0]).toBe("1");
});
