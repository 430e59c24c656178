import { globalAgent } from "node:https";
import { createClient } from "node-zendesk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOKEN, runningStore, type RunningStore } from "./store.fixture.ts";
import { CERTIFICATE, tlsProxy } from "./tls-proxy.fixture.ts";

/** Links were http:// behind a proxy that ends TLS: this client got a 404 for its second page, others lost records. */
type Verbs = {
  request(method: string, path: readonly (string | object)[], body?: object): Promise<{ result: unknown }>;
  getAll(path: readonly (string | object)[]): Promise<readonly { external_id?: string }[]>;
};

const records = ["custom_objects", "car", "records"];
let store: RunningStore;
let proxy: Awaited<ReturnType<typeof tlsProxy>>;
let client: Verbs;
const { ca } = globalAgent.options;
beforeAll(async () => {
  globalAgent.options.ca = CERTIFICATE;
  store = await runningStore();
  await store.define("car", []);
  proxy = await tlsProxy(store.url);
  const options = { endpointUri: `${proxy.url}/api/v2`, username: "me@example.com", token: TOKEN };
  client = createClient({ ...options, throwOriginalException: true }).jobstatuses as unknown as Verbs;
});
afterAll(async () => {
  globalAgent.options.ca = ca;
  globalAgent.destroy();
  await proxy.close();
  await store.close();
});

test("node-zendesk walks a list to its end through a proxy that ends TLS", async () => {
  for (const key of ["1", "2", "3", "4", "5"]) {
    await client.request("PATCH", [...records, { external_id: key }], { custom_object_record: { name: key } });
  }
  const pages = await client.getAll([...records, { "page[size]": 2 }]);
  const found = pages.flatMap(
    (page) =>
      ((page as { custom_object_records?: unknown }).custom_object_records ?? [page]) as { external_id: string }[],
  );
  expect(found.map(({ external_id }) => external_id)).toEqual(["1", "2", "3", "4", "5"]);
});

test("a job's own url, and the document's servers, lead back through the proxy", async () => {
  const job = { action: "delete_by_external_id", items: ["5"] };
  const { result } = await client.request("POST", ["custom_objects", "car", "jobs"], { job });
  expect(JSON.stringify(result)).toContain(`"url":"${proxy.url}/api/v2/job_statuses/`);
  const plain = await fetch(`${store.url}/openapi.json`, {
    headers: { "x-forwarded-proto": "https", "x-forwarded-host": new URL(proxy.url).host },
  });
  expect(await plain.json()).toMatchObject({ servers: [{ url: proxy.url }] });
});
