import { titleOf } from "../bench.ts";
import { chapter } from "../check.ts";
import {
  expectInvalid,
  expectNotFound,
  expectSame,
  expectStatus,
  expectTrue,
  recordOf,
  recordsOf,
} from "../expectation.ts";

/** A value for each type: as it is sent, and as it is read back. */
const GOOD: readonly (readonly [field: string, sent: unknown, read: unknown])[] = [
  ["note", "ünï 🚢", "ünï 🚢"],
  ["memo", "two\nlines", "two\nlines"],
  ["fragile", true, true],
  ["fragile", "false", false],
  ["eta", "2026-12-01", "2026-12-01T00:00:00+00:00"],
  ["pieces", 7, 7],
  ["pieces", "2020", 2020],
  ["weight", 2.5, 2.5],
  ["weight", "12.5", 12.5],
  ["code", "AB12", "AB12"],
  ["carrier", "dhl", "dhl"],
  ["labels", ["heavy", "cold"], ["heavy", "cold"]],
];
const BAD: readonly (readonly [field: string, sent: unknown])[] = [
  ["note", 5],
  ["memo", ["x"]],
  ["fragile", "yes"],
  ["eta", "01.12.2026"],
  ["eta", "2026-02-30"],
  ["pieces", 1.5],
  ["pieces", "x"],
  ["weight", "1,5"],
  ["code", "ab12"],
  ["carrier", "nope"],
  ["labels", "cold"],
  ["labels", ["nope"]],
  ["parent", "no-such-id"],
];
const AWKWARD = ["a b", "a/b", "part#1", "a&b=c", "a+b", "🚢", "a,b", "100%", "x.json", "ends?.json", "'\"`"];

export const UPSERT_CHECKS = chapter("UPS", [
  [
    "documented",
    "creates by external_id, with 200 and the whole record",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const record = recordOf(await on.upsert(object, key, { name: "One", custom_object_fields: { note: "n" } }));
      expectSame([record.external_id, record.name, record.custom_object_key], [key, "One", object], "the record");
      expectSame(record.custom_object_fields["note"], "n", "note");
      expectTrue(/^[0-9A-HJKMNP-TV-Z]{26}$/.test(record.id), `the id ${record.id} is no ULID`);
      expectTrue(record.url.endsWith(`/custom_objects/${object}/records/${record.id}.json`), `url is ${record.url}`);
    },
  ],
  [
    "documented",
    "the same call again answers the same record",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const first = await on.put(object, key);
      const second = await on.put(object, key);
      expectSame(second.id, first.id, "the id");
      expectSame(second.created_at, first.created_at, "created_at");
      const found = await on.api.get(`custom_objects/${object}/records?filter[external_ids]=${key}`);
      expectSame(recordsOf(found).length, 1, "the number of records");
    },
  ],
  [
    "documented",
    "what is not sent stays",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      await on.put(object, key, { custom_object_fields: { note: "kept", pieces: 1 } });
      const record = recordOf(await on.upsert(object, key, { custom_object_fields: { pieces: 2 } }));
      expectSame([record.name, record.custom_object_fields["note"]], [key, "kept"], "name and note");
      expectSame(record.custom_object_fields["pieces"], 2, "pieces");
    },
  ],
  [
    "client",
    "null clears a field",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      await on.put(object, key, { custom_object_fields: { note: "gone", pieces: 1 } });
      const { custom_object_fields: fields } = recordOf(
        await on.upsert(object, key, { custom_object_fields: { note: null } }),
      );
      expectSame([fields["note"] ?? null, fields["pieces"]], [null, 1], "note and pieces");
    },
  ],
  [
    "documented",
    "by name, where names are unique; the name comes from the query",
    async (on) => {
      const object = await on.object("unique");
      const name = on.fresh("n");
      const path = `custom_objects/${object}/records?name=${name}`;
      const first = recordOf(
        await on.api.patch(path, { custom_object_record: { custom_object_fields: { note: "n" } } }),
      );
      const second = recordOf(await on.api.patch(path, { custom_object_record: { external_id: on.fresh() } }));
      expectSame([first.name, second.id], [name, first.id], "name and id");
    },
  ],
  [
    "ruling",
    "by name, where names are not unique, is 422",
    async (on) => {
      const object = await on.object("plain");
      const answer = await on.api.patch(`custom_objects/${object}/records?name=x`, { custom_object_record: {} });
      expectInvalid(answer, "base", "Name: uniqueness is not enabled for this object");
    },
  ],
  [
    "ruling",
    "both external_id and name in the query is 400",
    async (on) => {
      const object = await on.object("unique");
      const body = { custom_object_record: { name: "x" } };
      expectStatus(await on.api.patch(`custom_objects/${object}/records?external_id=a&name=b`, body), 400);
    },
  ],
  [
    "ruling",
    "neither, or an empty one, is 400",
    async (on) => {
      const object = await on.object("unique");
      for (const query of ["", "?external_id=", "?name="]) {
        const body = { custom_object_record: { name: "x" } };
        expectStatus(await on.api.patch(`custom_objects/${object}/records${query}`, body), 400);
      }
    },
  ],
  [
    "ruling",
    "creating without a name is 422",
    async (on) => {
      const object = await on.object("plain");
      for (const record of [{}, { name: null }, { name: " " }]) {
        expectInvalid(await on.upsert(object, on.fresh(), record), "base", "Name: cannot be blank");
      }
    },
  ],
  [
    "documented",
    "numbered names are made: prefix, padding, sequence; a name of one's own is refused, a null is not",
    async (on) => {
      const object = await on.object("numbered");
      const first = recordOf(await on.upsert(object, on.fresh(), { name: null }));
      const second = recordOf(await on.upsert(object, on.fresh(), {}));
      expectTrue(/^PFX\d{4}$/.test(first.name), `the name is ${first.name}`);
      expectTrue(second.name > first.name, `${second.name} comes after ${first.name}`);
      expectStatus(await on.upsert(object, on.fresh(), { name: "mine" }), 422);
    },
  ],
  [
    "client",
    "a unique name that is taken is refused in the vendor's words",
    async (on) => {
      const object = await on.object("unique");
      const name = on.fresh("n");
      await on.put(object, on.fresh(), { name });
      expectInvalid(await on.upsert(object, on.fresh(), { name }), "base", "Name already exists. Try another one.");
    },
  ],
  [
    "client",
    "an object that does not exist is 404 RecordNotFound",
    async (on) => {
      expectNotFound(await on.upsert(`${await on.object("plain")}_not`, "e", { name: "x" }));
    },
  ],
  [
    "ruling",
    "an unknown field is left out",
    async (on) => {
      const record = { name: "x", custom_object_fields: { nope: 1, note: "n" } };
      const { custom_object_fields: fields } = recordOf(await on.upsert(await on.object("plain"), on.fresh(), record));
      expectSame([fields["note"], "nope" in fields], ["n", false], "note, and whether there is a nope");
    },
  ],
  [
    "documented",
    "every type takes its values and gives them back",
    async (on) => {
      const object = await on.object("plain");
      for (const [field, sent, read] of GOOD) {
        const record = recordOf(
          await on.upsert(object, on.fresh(), { name: "x", custom_object_fields: { [field]: sent } }),
        );
        expectSame(record.custom_object_fields[field], read, `${field} after ${JSON.stringify(sent)}`);
      }
    },
  ],
  [
    "ruling",
    "a value that does not fit is 422 under its field",
    async (on) => {
      const object = await on.object("plain");
      for (const [field, sent] of BAD) {
        const answer = await on.upsert(object, on.fresh(), { name: "x", custom_object_fields: { [field]: sent } });
        expectInvalid(answer, field, `${titleOf(field)}: is invalid`);
      }
    },
  ],
  [
    "ruling",
    "a required field that is missing or cleared is 422 under its key",
    async (on) => {
      const object = await on.object("strict");
      const key = on.fresh();
      expectInvalid(await on.upsert(object, key, { name: "x" }), "must", "Must: is required");
      await on.put(object, key, { custom_object_fields: { must: "m" } });
      recordOf(await on.upsert(object, key, { custom_object_fields: { note: "n" } }));
      expectInvalid(await on.upsert(object, key, { custom_object_fields: { must: null } }), "must");
    },
  ],
  [
    "documented",
    "a lookup is set by id, external_id: and name:, and keeps the id",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const { id, name } = await on.put(await on.object("unique"), key);
      for (const parent of [id, `external_id:${key}`, `name:${name}`]) {
        const record = recordOf(await on.upsert(object, on.fresh(), { name: "x", custom_object_fields: { parent } }));
        expectSame(record.custom_object_fields["parent"], id, `parent after ${parent}`);
      }
      for (const parent of ["external_id:nobody", "name:nobody"]) {
        expectInvalid(await on.upsert(object, on.fresh(), { name: "x", custom_object_fields: { parent } }), "parent");
      }
    },
  ],
  [
    "documented",
    "a record holds 32 KB of JSON and not one byte more",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const sized = (memo: string) => ({ name: "x", external_id: key, custom_object_fields: { memo } });
      const room = 32_768 - Buffer.byteLength(JSON.stringify(sized("")));
      recordOf(await on.upsert(object, key, sized("y".repeat(room))));
      expectStatus(await on.upsert(object, key, sized("y".repeat(room + 1))), 422);
      recordOf(await on.upsert(object, key, sized(`ü${"y".repeat(room - 2)}`)));
      expectStatus(await on.upsert(object, key, sized(`ü${"y".repeat(room - 1)}`)), 422);
    },
  ],
  [
    "ruling",
    "fifty upserts of one new key at once make one record, and all answer 200",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, place) => on.upsert(object, key, { name: `x${place}` })),
      );
      expectSame(new Set(answers.map((answer) => recordOf(answer).id)).size, 1, "the number of ids");
    },
  ],
  [
    "documented",
    "external_ids that differ in case are two records",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const lower = await on.put(object, `${key}a`);
      const upper = await on.put(object, `${key}A`);
      expectTrue(lower.id !== upper.id, "they are one record");
    },
  ],
  [
    "client",
    "external_ids with spaces, slashes, #, &, +, emoji, commas and .json at the end are kept as they are",
    async (on) => {
      const object = await on.object("plain");
      for (const text of AWKWARD) {
        const key = `${on.fresh()} ${text}`;
        const first = await on.put(object, key);
        expectSame(first.external_id, key, "external_id");
        expectSame((await on.put(object, key)).id, first.id, `the id of ${key}`);
      }
    },
  ],
  [
    "client",
    "read-only members and unknown parameters are ignored",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const noise = { id: null, url: "", custom_object_key: "", created_at: "0001-01-01T00:00:00Z", updated_at: "x" };
      const path = `custom_objects/${object}/records.json?external_id=${key}&locale=en`;
      const record = recordOf(await on.api.patch(path, { custom_object_record: { ...noise, name: "x", photo: null } }));
      expectSame([record.custom_object_key, record.external_id], [object, key], "object and external_id");
    },
  ],
  [
    "ruling",
    "an external_id in the body that differs from the query renames a record that is there; otherwise it is 422",
    async (on) => {
      const object = await on.object("plain");
      const [old, renamed] = [on.fresh(), on.fresh()];
      expectStatus(await on.upsert(object, old, { name: "x", external_id: renamed }), 422);
      const { id } = await on.put(object, old);
      const record = recordOf(await on.upsert(object, old, { external_id: renamed }));
      expectSame([record.id, record.external_id], [id, renamed], "id and external_id");
    },
  ],
  [
    "client",
    "no 2xx carries Retry-After",
    async (on) => {
      const answer = await on.upsert(await on.object("plain"), on.fresh(), { name: "x" });
      expectSame(answer.headers.get("retry-after"), null, "Retry-After");
    },
  ],
  [
    "ruling",
    "a body without its envelope is 400; an empty envelope changes nothing on a match",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const { id, name } = await on.put(object, key);
      const path = `custom_objects/${object}/records?external_id=${key}`;
      for (const body of [{}, { record: {} }, "[]", '{"custom_object_record":']) {
        expectStatus(await on.api.patch(path, body), 400);
      }
      const record = recordOf(await on.upsert(object, key, {}));
      expectSame([record.id, record.name], [id, name], "id and name");
    },
  ],
  [
    "ruling",
    "a number as external_id in the body is its text; 255 characters are the most",
    async (on) => {
      const object = await on.object("plain");
      const number = 1_000_000 + Math.floor(Date.now() % 1_000_000);
      const path = `custom_objects/${object}/records`;
      const made = recordOf(await on.api.post(path, { custom_object_record: { name: "x", external_id: number } }), 201);
      expectSame(made.external_id, String(number), "external_id");
      expectInvalid(await on.upsert(object, "x".repeat(256), { name: "x" }), "base");
      expectInvalid(await on.upsert(object, on.fresh(), { name: "x".repeat(256) }), "base");
    },
  ],
]);
