import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "./under-test.ts";

let store: StoreUnderTest;
let api: ReturnType<typeof client>;
let object: string;
beforeAll(async () => {
  store = await storeUnderTest();
  api = client(store.app);
  object = await objectWith(store.app, {
    fields: [
      { key: "text" },
      { key: "whole", type: "integer" },
      { key: "part", type: "decimal" },
      { key: "day", type: "date" },
      { key: "to", type: "lookup", relationship_target_type: "zen:user" },
    ],
  });
});
afterAll(() => store.close());

/** JSON texts as they are sent; no JavaScript value could say some of them. */
const VALUES: Record<string, string> = {
  "a NUL": String.raw`"a\u0000b"`,
  "half of a surrogate pair": String.raw`"\ud800"`,
  "the other half": String.raw`"x\udfff"`,
  "a number beyond all bounds": "1e400",
  "a number below all bounds": "-1e400",
  "a huge integer": "123456789012345678901234567890",
  "a tiny number": "1e-400",
  "a value nested 60 deep": `${"[".repeat(56)}${"]".repeat(56)}`,
  "an object": '{"__proto__":{"a":1}}',
  true: "true",
  null: "null",
  "an empty text": '""',
  "a long text": `"${"ä".repeat(20_000)}"`,
  "a text of directional marks": '"\u202e\u2066\ufeff"',
  "a day of another calendar": '"-0001-13-45"',
};

describe.each(Object.entries(VALUES))("%s", (_what, json) => {
  test("is taken or refused, and never breaks anything", async () => {
    const members = [
      ...["text", "whole", "part", "day", "to"].map((key) => `"name":"n","custom_object_fields":{"${key}":${json}}`),
      `"name":${json}`,
      `"name":"n","external_id":${json}`,
      `"name":"n","custom_object_fields":${json}`,
      `"name":"n","photo":${json}`,
    ];
    const records = `custom_objects/${object}/records`;
    const answers = [
      ...(await Promise.all(members.map((content) => api.post(records, `{"custom_object_record":{${content}}}`)))),
      await api.patch(`${records}?external_id=E`, `{"custom_object_record":{${members[0]}}}`),
      await api.post(
        `custom_objects/${object}/jobs`,
        `{"job":{"action":"create","items":[${members.map((content) => `{${content}}`).join(",")}]}}`,
      ),
    ];
    expect(answers.map(({ status }) => status).filter((status) => ![200, 201, 400, 422].includes(status))).toEqual([]);
    const others: [string, string][] = [
      [`custom_objects/${object}/jobs`, `{"job":{"action":${json},"items":${json}}}`],
      [`custom_objects/${object}/jobs`, `{"job":{"action":"delete","items":[${json}]}}`],
      [`custom_objects/${object}/jobs`, `{"job":{"action":"delete_by_external_id","items":[${json}]}}`],
      [`${records}/search`, `{"filter":${json},"query":${json},"sort":${json}}`],
      [`${records}/search`, `{"filter":{"custom_object_fields.part":{"$gt":${json}}}}`],
      [`${records}/search`, `{"filter":{"name":{"$contains":${json}}},"query":${json}}`],
      ["custom_objects", `{"custom_object":{"key":${json},"title":${json},"title_pluralized":"x"}}`],
      [`custom_objects/${object}/fields`, `{"custom_object_field":{"key":"k","title":"x","description":${json}}}`],
      [
        `custom_objects/${object}/fields`,
        `{"custom_object_field":{"key":"l","title":"x","custom_field_options":${json}}}`,
      ],
    ];
    const ended = await Promise.all(
      others.map(async ([path, body]) => ({ path, body, status: (await api.post(path, body)).status })),
    );
    expect(ended.filter(({ status }) => status >= 500)).toEqual([]);
  });
});

test.each([
  ["no JSON", "{"],
  ["JSON nested too deep", `${"[".repeat(65)}${"]".repeat(65)}`],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]).toString("latin1")],
])("%s is refused with 400", async (_what, body) => {
  await api.post(`custom_objects/${object}/records`, body).expect(400);
});

test("what stands in a path or a query is as odd as it likes", async () => {
  const odd = ["%00", "%ED%A0%80", "%", "..%2f", "a".repeat(3_000), "%F0%9F%9A%A2", "constructor", "__proto__"];
  for (const text of odd) {
    for (const path of [
      `custom_objects/${text}`,
      `custom_objects/${text}/records`,
      `custom_objects/${object}/records/${text}`,
      `custom_objects/${object}/fields/${text}`,
      `custom_objects/${object}/records?filter[external_ids]=${text}`,
      `custom_objects/${object}/records?page[after]=${text}`,
      `custom_objects/${object}/records/search?query=${text}`,
      `custom_objects/${object}/records/autocomplete?name=${text}`,
      `incremental/custom_objects/${object}/cursor?cursor=${text}`,
      `job_statuses/${text}`,
      `job_statuses/show_many?ids=${text}`,
    ]) {
      const { status } = await api.get(path);
      expect([path.slice(0, 100), status < 500]).toEqual([path.slice(0, 100), true]);
    }
  }
});

test.each(["photo", "attachments", "events"])("records have no %s here: InvalidEndpoint", async (part) => {
  const { body } = await api.get(`custom_objects/${object}/records/01JD8Y2N5Q3T0WQ7C4M9K6R1ZP/${part}`).expect(404);
  expect(body).toEqual({ error: "InvalidEndpoint", description: "Not found" });
});

test.each(["triggers", "permission_policies", "access_rules"])(
  "objects have no %s here: InvalidEndpoint",
  async (part) => {
    const { body } = await api.get(`custom_objects/${object}/${part}`).expect(404);
    expect(body).toEqual({ error: "InvalidEndpoint", description: "Not found" });
  },
);
