import { afterAll, beforeAll, expect, test } from "vitest";
import { TOKEN, runningStore, type RunningStore } from "./store.fixture.ts";

/**
 * How clients that can't be installed here speak (§15 of the contract): each test asks as one client asks, with our own
 * code, and looks at the same members of the answer.
 */
const OBJECT = "vehicle";
let store: RunningStore;
beforeAll(async () => {
  store = await runningStore();
  await store.define("Vehicle_Owner", [{ key: "town", title: "Town" }], { uniqueNames: true });
  const options = ["red", "blue"].map((value) => ({ name: value, value }));
  await store.define(
    OBJECT,
    [
      { key: "colour", title: "Colour", type: "dropdown", custom_field_options: options },
      { key: "year", title: "Year", type: "integer" },
      { key: "price", title: "Price", type: "decimal" },
      { key: "sold", title: "Sold", type: "checkbox" },
      { key: "since", title: "Since", type: "date" },
      { key: "tags", title: "Tags", type: "multiselect", custom_field_options: options },
      { key: "owner", title: "Owner", type: "lookup", relationship_target_type: "zen:custom_object:Vehicle_Owner" },
    ],
    { uniqueNames: true },
  );
});
afterAll(() => store.close());

type Json = Record<string, unknown>;
const BASIC = `Basic ${Buffer.from(`me@example.com/token:${TOKEN}`).toString("base64")}`;

async function ask(
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ status: number; json: Json; response: Response }> {
  const response = await fetch(`${store.url}${path}`, {
    method,
    headers: { Authorization: BASIC, "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? {} : (JSON.parse(text) as Json), response };
}

const recordsPath = `/api/v2/custom_objects/${OBJECT}/records`;
const made = (json: Json) => json["custom_object_record"] as Json & { id: string };

test("libzapi reads every member of a record, a job, an object and a field, and sends keys unencoded", async () => {
  const record = made(
    (await ask("PATCH", `${recordsPath}?external_id=lib zapi`, { body: { custom_object_record: { name: "L" } } })).json,
  );
  const members = ["url", "id", "name", "custom_object_key", "custom_object_fields", "created_by_user_id", "photo"];
  members.push("updated_by_user_id", "created_at", "updated_at", "external_id");
  expect(Object.keys(record)).toEqual(expect.arrayContaining(members));
  expect(record["external_id"]).toBe("lib zapi");

  const job = { action: "delete_by_external_id", items: ["nobody"] };
  const { json } = await ask("POST", `/api/v2/custom_objects/${OBJECT}/jobs`, { body: { job } });
  expect(json["job_status"]).toHaveProperty("job_type");

  const object = (await ask("GET", `/api/v2/custom_objects/${OBJECT}`)).json["custom_object"];
  for (const member of [
    "include_in_list_view",
    "allows_photos",
    "allows_attachments",
    "raw_title",
    "raw_description",
  ]) {
    expect(object).toHaveProperty(member);
  }
  const fields = (await ask("GET", `/api/v2/custom_objects/${OBJECT}/fields`)).json["custom_object_fields"] as Json[];
  expect(fields.find(({ key }) => key === "sold")).toHaveProperty("tag");
  expect(fields.find(({ key }) => key === "owner")).toMatchObject({
    relationship_target_type: "zen:custom_object:Vehicle_Owner",
    relationship_filter: {},
  });
});

test("libzapi changes a record by id with its fields alone", async () => {
  const { id } = made((await ask("POST", recordsPath, { body: { custom_object_record: { name: "LF" } } })).json);
  const body = { custom_object_record: { custom_object_fields: { colour: "red" } } };
  const { status, json } = await ask("PATCH", `${recordsPath}/${id}`, { body });
  expect([status, made(json)]).toMatchObject([200, { name: "LF", custom_object_fields: { colour: "red" } }]);
});

test("mercury-orm adds locale, sends nulls for all that is unset, and numbers and booleans as text", async () => {
  const fields = {
    colour: null,
    year: "2020",
    price: "12.5",
    sold: "true",
    since: "2024-02-27",
    tags: [],
    owner: null,
  };
  const sent = { id: null, external_id: null, name: "M1", custom_object_fields: fields };
  const created = await ask("POST", `${recordsPath}?locale=en`, { body: { custom_object_record: sent } });
  expect(created.status).toBeGreaterThanOrEqual(200);
  expect(created.status).toBeLessThan(300);
  const record = made(created.json);
  expect(record["custom_object_fields"]).toMatchObject({ year: 2020, price: 12.5, sold: true, tags: [] });
  // The client takes the day from the text before the T.
  expect(String((record["custom_object_fields"] as Json)["since"]).split("T")[0]).toBe("2024-02-27");

  const again = await ask("POST", `${recordsPath}?locale=en`, { body: { custom_object_record: sent } });
  const details = again.json["details"] as { base: { description: string }[] };
  expect(details.base[0]?.description).toBe("Name already exists. Try another one.");

  const last = await ask("GET", `${recordsPath}?locale=en&sort=-updated_at&page[size]=1`);
  expect(last.json["custom_object_records"]).toHaveLength(1);
  await ask("DELETE", `${recordsPath}/${record.id}?locale=en`);
});

test("mercury-orm changes the name field with PUT and reads what is wrong with a field under key", async () => {
  const body = { custom_object_field: { title: "Label", properties: { is_unique: true } } };
  const { status } = await ask("PUT", `/api/v2/custom_objects/Vehicle_Owner/fields/standard::name?locale=en`, { body });
  expect(status).toBe(200);
  const taken = { custom_object_field: { key: "town", title: "Town", type: "text" } };
  const { json } = await ask("POST", "/api/v2/custom_objects/Vehicle_Owner/fields", { body: taken });
  expect((json["details"] as { key: { description: string }[] }).key[0]?.description).toEqual(expect.any(String));
});

test("mercury-orm strips its own base from a job's url and asks for what is left", async () => {
  const job = { action: "create", items: [{ name: "M bulk", custom_object_fields: { year: 1999 } }] };
  const { json } = await ask("POST", `/api/v2/custom_objects/${OBJECT}/jobs?locale=en`, { body: { job } });
  const { url } = json["job_status"] as { url: string };
  expect(url.startsWith(`${store.url}/api/v2`)).toBe(true);
  const { json: shown } = await ask("GET", `/api/v2${url.slice(`${store.url}/api/v2`.length)}?locale=en`);
  expect((shown["job_status"] as Json)["status"]).toBe("completed");
});

test("go-zendesk creates at records.json with the zero values of every member, and sends the whole struct on update", async () => {
  const zero = { custom_object_key: "", id: "", url: "", created_by_user_id: "", updated_by_user_id: "" };
  const times = { created_at: "0001-01-01T00:00:00Z", updated_at: "0001-01-01T00:00:00Z" };
  const record = { ...zero, ...times, external_id: "go-1", name: "G", custom_object_fields: { year: 1 } };
  const created = await ask("POST", `${recordsPath}.json`, { body: { custom_object_record: record } });
  expect(created.status).toBe(201);
  const { id } = made(created.json);
  const body = { custom_object_record: { ...made(created.json), custom_object_fields: { year: 2 } } };
  const updated = await ask("PATCH", `${recordsPath}/${id}`, { body });
  expect([updated.status, made(updated.json)]).toMatchObject([200, { custom_object_fields: { year: 2 } }]);
  // The client's list has an offset besides the filter.
  const { json } = await ask("GET", `${recordsPath}?filter%5Bexternal_ids%5D=go-1&page=1&per_page=100`);
  expect(json["custom_object_records"]).toHaveLength(1);
});

test("target-zendesk sends bulk upserts and asks again while a job is queued or working", async () => {
  for (const action of ["create_or_update_by_external_id", "create_or_update_by_name"]) {
    const items = [1, 2, 3].map((number) => ({
      external_id: `t${number}`,
      name: `T${number}`,
      custom_object_fields: { year: number },
    }));
    const { status, json } = await ask("POST", `/api/v2/custom_objects/${OBJECT}/jobs`, {
      body: { job: { action, items } },
    });
    expect(status).toBe(201);
    const { id } = json["job_status"] as { id: string };
    let job: Json;
    do {
      job = (await ask("GET", `/api/v2/job_statuses/${id}`)).json["job_status"] as Json;
    } while (["queued", "working"].includes(String(job["status"])));
    expect(job["results"]).toHaveLength(3);
  }
  const { json } = await ask("GET", `${recordsPath}?filter[external_ids]=t1,t2,t3`);
  expect(json["custom_object_records"]).toHaveLength(3);
});

test("an axios service upserts with the key in both places, reads the list again by keys, and rolls back by a bulk delete", async () => {
  const key = "IS 1";
  const axios = { Accept: "application/json, text/plain, */*", "User-Agent": "axios/1.7.9" };
  const upserted = await ask("PATCH", `${recordsPath}?external_id=${encodeURIComponent(key)}`, {
    body: { custom_object_record: { external_id: key, name: "IS 1", custom_object_fields: { tags: ["red"] } } },
    headers: axios,
  });
  expect([upserted.status, made(upserted.json)["external_id"]]).toEqual([200, key]);
  // Each key is encoded by itself, and the library encodes the joined text once more.
  const keys = ["IS 1", "IS 2"].map(encodeURIComponent).join(",");
  const { json } = await ask("GET", `${recordsPath}?filter[external_ids]=${keys}`, { headers: axios });
  expect(json["custom_object_records"]).toHaveLength(1);
  const job = { action: "delete_by_external_id", items: ["IS 1", "IS 2"] };
  const { json: created } = await ask("POST", `/api/v2/custom_objects/${OBJECT}/jobs`, {
    body: { job },
    headers: axios,
  });
  const { id } = created["job_status"] as { id: string };
  const { json: polled } = await ask("GET", `/api/v2/job_statuses/${id}`, { headers: axios });
  expect(polled["job_status"]).toMatchObject({
    status: "completed",
    results: [
      { index: 0, status: "Deleted" },
      { index: 1, status: "Failed", errors: [{ code: "CustomObjectRecordDeleteFailed", title: "Record not found" }] },
    ],
  });
});

test("a record that points to another by its name or external_id keeps the id", async () => {
  const owners = "/api/v2/custom_objects/Vehicle_Owner/records";
  const owner = made(
    (await ask("PATCH", `${owners}?external_id=o1`, { body: { custom_object_record: { name: "Ann" } } })).json,
  );
  for (const reference of ["external_id:o1", "name:Ann"]) {
    const record = { name: `Of ${reference}`, custom_object_fields: { owner: reference } };
    const { json } = await ask("POST", recordsPath, { body: { custom_object_record: record } });
    expect(made(json)["custom_object_fields"]).toMatchObject({ owner: owner.id });
  }
});
