import { createClient } from "node-zendesk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TOKEN, runningStore, type RunningStore } from "./store.fixture.ts";

/** The client's call for everything: verbs that take the steps of a path, the query last, then the body. */
type Step = string | Readonly<Record<string, string | number>>;
type Reply = { readonly response: Response; readonly result: Record<string, unknown> };
type Verbs = {
  request(method: string, path: readonly Step[], body?: object): Promise<Reply>;
  post(path: readonly Step[], body: object): Promise<Reply>;
  getAll(path: readonly Step[] | string): Promise<readonly Record<string, unknown>[]>;
  delete(path: readonly Step[]): Promise<unknown>;
};
type JobHelpers = {
  list(): Promise<unknown>;
  show(id: string): Promise<{ readonly result: Record<string, unknown> }>;
  showMany(ids: readonly string[]): Promise<unknown>;
  watch(id: string, intervalMs: number, attempts: number): Promise<Record<string, unknown>>;
};

const OBJECT = "car";
const records: readonly Step[] = ["custom_objects", OBJECT, "records"];

describe.each([
  ["ends lists with null", false],
  ["keeps links.next on the last page", true],
])("node-zendesk, unmodified, against a store that %s", (_quirk, nextOnLastPage) => {
  let store: RunningStore;
  let client: Verbs & JobHelpers;
  beforeAll(async () => {
    store = await runningStore(nextOnLastPage);
    await store.define(OBJECT, [{ key: "colour", title: "Colour" }], { uniqueNames: true });
    const options = { endpointUri: `${store.url}/api/v2`, username: "me@example.com", token: TOKEN };
    client = createClient({ ...options, throwOriginalException: true }).jobstatuses as unknown as Verbs & JobHelpers;
  });
  afterAll(() => store.close());

  const record = (name: string, colour: string) => ({
    custom_object_record: { name, custom_object_fields: { colour } },
  });

  test("upserts by external_id, twice into one record, whatever characters the key has", async () => {
    // The client takes the query off the path that it is given.
    const path = () => [...records, { external_id: "X 1/ä&#" }];
    const first = await client.request("PATCH", path(), record("First", "red"));
    const second = await client.request("PATCH", path(), record("First", "blue"));
    expect(first.response.status).toBe(200);
    expect(first.result).toMatchObject({ custom_object_record: { external_id: "X 1/ä&#" } });
    expect(second.result).toMatchObject({
      custom_object_record: {
        id: (first.result["custom_object_record"] as { id: string }).id,
        custom_object_fields: { colour: "blue" },
      },
    });
  });

  test("creates, and learns the reason of a refusal", async () => {
    const { response, result } = await client.post(records, record("Second", "red"));
    expect([response.status, result]).toMatchObject([201, { custom_object_record: { name: "Second" } }]);
    const refused = (await client.post(records, record("Second", "red")).catch((error: unknown) => error)) as {
      statusCode: number;
      result: unknown;
    };
    expect(refused.statusCode).toBe(422);
    expect(JSON.stringify(refused.result)).toContain("Name already exists. Try another one.");
  });

  test("walks a list to its end by links.next, each record once", async () => {
    for (let place = 1; place <= 5; place += 1) {
      await client.request("PATCH", [...records, { external_id: `list ${place}` }], record(`List ${place}`, "grey"));
    }
    const pages = await client.getAll([
      ...records,
      { "filter[external_ids]": "list 1,list 2,list 3,list 4,list 5", "page[size]": 2 },
    ]);
    const found = pages.flatMap((page) => (page["custom_object_records"] ?? [page]) as { external_id: string }[]);
    expect(found.map(({ external_id }) => external_id)).toEqual(["list 1", "list 2", "list 3", "list 4", "list 5"]);
  });

  test("deletes by id and by external_id", async () => {
    const { result } = await client.post(records, record("Gone", "red"));
    const { id } = result["custom_object_record"] as { id: string };
    // The client hands a 204 back as an error object rather than throwing it.
    expect(await client.delete([...records, id])).toMatchObject({ result: { statusCode: 204 } });
    await client.request("PATCH", [...records, { external_id: "gone" }], record("Gone", "red"));
    expect(await client.delete([...records, { external_id: "gone" }])).toMatchObject({ result: { statusCode: 204 } });
    const left = await client.getAll([...records, { "filter[external_ids]": "gone" }]);
    expect(JSON.stringify(left)).not.toContain("Gone");
  });

  test("runs a bulk job and watches it to its end with its own helpers", async () => {
    const items = ["b1", "b2"].map((external_id) => ({
      external_id,
      name: external_id,
      custom_object_fields: { colour: "red" },
    }));
    const job = { action: "create_or_update_by_external_id", items };
    const { result } = await client.post(["custom_objects", OBJECT, "jobs"], { job });
    const { id } = (result["job_status"] ?? result) as { id: string };
    const ended = await client.watch(id, 50, 100);
    expect(JSON.stringify(ended)).toContain('"status":"completed"');
    expect(JSON.stringify(await client.show(id))).toContain("CreateOrUpdate");
    expect(JSON.stringify(await client.showMany([id]))).toContain(id);
    expect(JSON.stringify(await client.list())).toContain(id);
  });

  test("a bearer token serves as well", async () => {
    const options = { endpointUri: `${store.url}/api/v2`, oauth: true, token: TOKEN };
    const bearer = createClient(options).jobstatuses as unknown as Verbs;
    expect(await bearer.getAll("custom_objects")).toMatchObject([{ custom_objects: [{ key: OBJECT }] }]);
  });
});
