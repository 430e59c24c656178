import type { Express } from "express";
import supertest, { type Response } from "supertest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { originFrom } from "./origin.ts";
import { ADMIN, client, objectWith, storeUnderTest, type StoreUnderTest } from "./under-test.ts";

describe("what a request tells of where its caller sees the store", () => {
  const origin = (headers: Record<string, string>, believed = true) =>
    originFrom((name) => ({ host: "store:8090", ...headers })[name], believed);

  test.each<[Record<string, string>, string]>([
    [{}, "http://store:8090"],
    [{ "x-forwarded-proto": "https" }, "https://store:8090"],
    [{ "x-forwarded-proto": "HTTPS, http" }, "https://store:8090"],
    [{ "x-forwarded-proto": "https", "x-forwarded-host": "api.example.com" }, "https://api.example.com"],
    [{ "x-forwarded-host": "api.example.com:8443, inner" }, "http://api.example.com:8443"],
    [{ host: "api.example.com", "x-forwarded-port": "8443" }, "http://api.example.com:8443"],
    [{ host: "api.example.com", "x-forwarded-port": "443" }, "http://api.example.com"],
    [{ "x-forwarded-port": "9000" }, "http://store:8090"],
    [{ "x-forwarded-prefix": "/store/" }, "http://store:8090/store"],
    [{ forwarded: 'for=1.2.3.4;proto=https;host="api.example.com:8443", for=x' }, "https://api.example.com:8443"],
    [{ forwarded: "Proto=https" }, "https://store:8090"],
    [{ host: "[::1]:8090" }, "http://[::1]:8090"],
    // Nothing but a scheme, a host, a port and a path gets into a link.
    [{ "x-forwarded-proto": "javascript" }, "http://store:8090"],
    [{ "x-forwarded-host": "evil/path" }, "http://store:8090"],
    [{ "x-forwarded-prefix": "//evil.example" }, "http://store:8090"],
    [{ "x-forwarded-port": "80/x" }, "http://store:8090"],
    [{ host: "a b<" }, "http://localhost"],
  ])("%j: %s", (headers, told) => {
    expect(origin(headers)).toBe(told);
  });

  test("who is not believed tells nothing but its own host", () => {
    const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "evil", "x-forwarded-prefix": "/evil" };
    expect(origin({ ...headers, forwarded: "proto=https", "x-forwarded-port": "1" }, false)).toBe("http://store:8090");
  });
});

let store: StoreUnderTest;
let object: string;
beforeAll(async () => {
  store = await storeUnderTest();
  object = await objectWith(store.app, { fields: [{ key: "tier" }] });
  for (const key of ["a", "b"]) {
    await client(store.app)
      .patch(`custom_objects/${object}/records?external_id=${key}`, { custom_object_record: { name: key } })
      .expect(200);
  }
});
afterAll(() => store.close());

/** Every answer that has links, asked with the headers of a proxy that ends TLS. */
async function linksOf(app: Express): Promise<string[]> {
  const agent = supertest(app);
  const ask = (method: "get" | "post", path: string, body?: object) =>
    agent[method](path)
      .set({
        Authorization: `Bearer ${ADMIN}`,
        Host: "inner",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "outer",
      })
      .send(body);
  const base = `/api/v2/custom_objects`;
  const answers = [
    await ask("get", "/openapi.json"),
    await ask("get", base),
    await ask("get", `${base}/${object}/fields?page[size]=1&include_standard_fields=true`),
    await ask("get", `${base}/${object}/records?page[size]=1`),
    await ask("get", `${base}/${object}/records/search?query=*&sort=name&page[size]=1`),
    await ask("get", `${base}/${object}/records/autocomplete?name=a`),
    await ask("get", `/api/v2/incremental/custom_objects/${object}/cursor?start_time=1`),
    await ask("post", `${base}/${object}/jobs`, { job: { action: "delete", items: ["x"] } }),
    await ask("post", `${base}/${object}/records`, { custom_object_record: { name: "c" } }),
    await ask("get", "/api/v2/job_statuses"),
  ];
  return answers.flatMap((answer) => [...urlsIn(answer), ...locationOf(answer)]);
}
const locationOf = ({ headers }: Response) => (headers["location"] === undefined ? [] : [headers["location"]]);

/** The links of a body: members `url`, those whose names end so, and lists of links; example bodies of the document aside. */
function urlsIn({ body, text }: Response): string[] {
  const found = text.match(/"(?:url|after_url|next|prev)":"[^"]+"/g)?.map((pair) => pair.replace(/^"\w+":"|"$/g, ""));
  const { servers = [] } = body as { servers?: { url: string }[] };
  return servers.length > 0 ? servers.map(({ url }) => url) : (found ?? []);
}

test.each<[string, object, RegExp]>([
  ["a proxy on the same machine is believed unless others are named", {}, /^https:\/\/outer(\/|$)/],
  ["a named proxy is believed", { trustedProxies: ["127.0.0.1", "::ffff:127.0.0.1"] }, /^https:\/\/outer(\/|$)/],
  ["where others are named, it is not", { trustedProxies: ["10.0.0.0/8"] }, /^http:\/\/inner(\/|$)/],
  ["nobody is believed where the list is empty", { trustedProxies: [] }, /^http:\/\/inner(\/|$)/],
  [
    "a public URL counts whatever is said",
    { publicUrl: "https://api.example/store/" },
    /^https:\/\/api\.example\/store(\/|$)/,
  ],
])("every link of every answer: %s", async (_what, origin, begin) => {
  const links = await linksOf(await store.another({ origin }));
  expect(links.length).toBeGreaterThan(12);
  expect(links.filter((link) => !begin.test(link))).toEqual([]);
});
