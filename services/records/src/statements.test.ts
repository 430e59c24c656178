import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "@sluice/runtime";
import { client, objectWith, storeUnderTest, type StoreUnderTest } from "./under-test.ts";

/** A mark that stands in every value that a request can carry. */
const MARK = "x'); drop table records.record; --$1";

let store: StoreUnderTest;
const statements = new Set<string>();
beforeAll(async () => {
  store = await storeUnderTest();
});
afterAll(() => store.close());

function listening(database: Database): Database {
  return {
    ...database,
    query: (sql, parameters, options) => {
      statements.add(sql);
      return database.query(sql, parameters, options);
    },
    transaction: (work) => database.transaction((tx) => work(listening(tx))),
  };
}

test("nothing that is sent ever stands in a statement: it is bound", async () => {
  const app = await store.another({ database: listening(store.database) });
  const object = await objectWith(app, {
    fields: [
      { key: "note", title: MARK, description: MARK },
      { key: "tier", type: "multiselect", custom_field_options: [{ name: MARK, value: MARK }] },
      { key: "weight", type: "decimal" },
    ],
    name: { is_unique: true },
  });
  const api = client(app);
  const mark = encodeURIComponent(MARK);
  const cursor = (...content: string[]) => Buffer.from(JSON.stringify(content)).toString("base64url");
  const records = `custom_objects/${object}/records`;
  const fields = { note: MARK, tier: [MARK], weight: 1 };
  const record = { name: MARK, external_id: MARK, custom_object_fields: fields };
  const compared = [
    ...["$eq", "$noteq", "$contains", "$notcontains"].map((operator) => ({
      "custom_object_fields.note": { [operator]: MARK },
    })),
    ...["$eq", "$in", "$notin"].map((operator) => ({ "custom_object_fields.tier": { [operator]: [MARK] } })),
    ...["$gt", "$lte"].map((operator) => ({ "custom_object_fields.weight": { [operator]: 1 } })),
    { name: { $contains: MARK } },
    { external_id: { $eq: MARK } },
    { created_by_user: { $eq: MARK } },
  ];
  const answers = [
    await api.post(records, { custom_object_record: record }),
    await api.patch(`${records}?external_id=${mark}`, { custom_object_record: record }).set("Sluice-Fence", "1"),
    await api.patch(`${records}?name=${mark}`, { custom_object_record: { custom_object_fields: fields } }),
    await api.get(`${records}?filter[ids]=${mark}&filter[external_ids]=${mark}`),
    await api.get(`${records}/search?query=${mark}`),
    await api.get(`${records}/search?query=${mark}&sort=name&page[after]=${cursor("name", MARK, "0".repeat(26))}`),
    await api.get(`${records}/autocomplete?name=${mark}&page[size]=1`),
    await api.post(`${records}/search`, { filter: { $or: compared }, query: MARK }),
    await api.post(`custom_objects/${object}/jobs`, {
      job: { action: "create_or_update_by_external_id", items: [record, record] },
    }),
    await api.delete(`${records}?external_id=${mark}`),
    await api.patch(`custom_objects/${object}`, { custom_object: { title: MARK, description: MARK } }),
    await api.get(`custom_objects/${object}/fields/note`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200, 200, 200, 201, 204, 200, 200]);
  for (const path of [
    `custom_objects/${mark}`,
    `${records}/${mark}`,
    `custom_objects/${object}/fields/${mark}`,
    `job_statuses/${mark}`,
  ]) {
    await api.get(path).expect(404);
  }
  expect(statements.size).toBeGreaterThan(15);
  expect([...statements].filter((sql) => /drop table|x'\)|note|weight/.test(sql))).toEqual([]);
});
