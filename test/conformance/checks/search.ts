import type { Bench } from "../bench.ts";
import { chapter } from "../check.ts";
import { expectSame, expectStatus, expectTrue, pageOf, recordsOf } from "../expectation.ts";
import type { Answer } from "../target.ts";

const PARCELS = [
  [
    "P1",
    "Parcel Alpha",
    { carrier: "dhl", weight: 2.5, pieces: 1, fragile: true, eta: "2026-12-01", note: "blue box" },
  ],
  ["P2", "Parcel Beta", { carrier: "ups", weight: 7, pieces: 2, fragile: false, labels: ["cold", "late"] }],
  [
    "P3",
    "Crate Alpha",
    { carrier: "ups", weight: 120, pieces: 3, eta: "2027-01-15", labels: ["heavy"], note: "red crate" },
  ],
  ["P4", "Letter", { pieces: 4, memo: "a letter from Zanzibar" }],
] as const;

/** Four records to be found, made once. */
async function parcels(on: Bench): Promise<string> {
  const object = await on.object("searched");
  for (const [key, name, custom_object_fields] of PARCELS) await on.put(object, key, { name, custom_object_fields });
  return object;
}

const keysOf = (answer: Answer) => recordsOf(answer).map(({ external_id }) => external_id ?? "");
const field = (key: string, comparison: object) => ({ [`custom_object_fields.${key}`]: comparison });

/** Each filter and the records that it finds. */
const FILTERS: readonly (readonly [filter: object, found: string])[] = [
  [{ external_id: { $eq: "P1" } }, "P1"],
  [{ name: { $contains: "Parcel" } }, "P1 P2"],
  [field("fragile", { $eq: true }), "P1"],
  [field("eta", { $eq: "2026-12-01" }), "P1"],
  [field("eta", { $gt: "2026-12-01" }), "P3"],
  [field("eta", { $gte: "2026-12-01" }), "P1 P3"],
  [field("eta", { $lt: "2027-01-15" }), "P1"],
  [field("eta", { $lte: "2027-01-15" }), "P1 P3"],
  [field("eta", { $exists: true }), "P1 P3"],
  [field("eta", { $exists: false }), "P2 P4"],
  [field("weight", { $eq: 7 }), "P2"],
  [field("weight", { $gt: 7 }), "P3"],
  [field("weight", { $gte: 7 }), "P2 P3"],
  [field("weight", { $lt: 7 }), "P1"],
  [field("weight", { $lte: 7 }), "P1 P2"],
  [field("pieces", { $in: [1, 4] }), "P1 P4"],
  [field("pieces", { $notin: [1, 4] }), "P2 P3"],
  [field("carrier", { $eq: "dhl" }), "P1"],
  [field("carrier", { $exists: true }), "P1 P2 P3"],
  [field("note", { $contains: "box" }), "P1"],
  [field("note", { $eq: "red crate" }), "P3"],
  [field("labels", { $contains: "cold" }), "P2"],
  [field("labels", { $in: ["heavy", "late"] }), "P2 P3"],
  [{ $and: [field("carrier", { $eq: "ups" }), field("weight", { $gt: 100 })] }, "P3"],
  [{ $or: [field("carrier", { $eq: "dhl" }), field("pieces", { $eq: 4 })] }, "P1 P4"],
  [
    { $and: [{ name: { $contains: "Alpha" } }, { $or: [field("pieces", { $eq: 3 }), field("pieces", { $eq: 4 })] }] },
    "P3",
  ],
  [{ created_at: { $gt: "2001-01-01T00:00:00Z" } }, "P1 P2 P3 P4"],
  [{ updated_at: { $lt: "2001-01-01T00:00:00Z" } }, ""],
];

export const SEARCH_CHECKS = chapter("SEA", [
  [
    "documented",
    "text search finds by the beginning of any word, in names and texts",
    async (on) => {
      const object = await parcels(on);
      const find = async (query: string) =>
        keysOf(
          await on.api.get(`custom_objects/${object}/records/search?query=${encodeURIComponent(query)}`),
        ).toSorted();
      await on.eventually(async () => {
        expectSame(await find("parc"), ["P1", "P2"], "what parc finds");
        expectSame(await find("zanzi"), ["P4"], "what zanzi finds");
      });
    },
  ],
  [
    "documented",
    "words of a search are joined by or",
    async (on) => {
      const object = await parcels(on);
      await on.eventually(async () => {
        const answer = await on.api.get(`custom_objects/${object}/records/search?query=beta+letter`);
        expectSame(keysOf(answer).toSorted(), ["P2", "P4"], "what is found");
      });
    },
  ],
  [
    "client",
    "query=* finds everything",
    async (on) => {
      const object = await parcels(on);
      await on.eventually(async () => {
        const answer = await on.api.get(`custom_objects/${object}/records/search?query=*`);
        expectSame(keysOf(answer).length, PARCELS.length, "how many are found");
      });
    },
  ],
  [
    "documented",
    "a search sorts by name, created_at and updated_at, up and down; an empty sort is none",
    async (on) => {
      const object = await parcels(on);
      const path = `custom_objects/${object}/records/search?query=*`;
      await on.eventually(async () => {
        for (const sort of ["name", "created_at", "updated_at"] as const) {
          const up = recordsOf(await on.api.get(`${path}&sort=${sort}`)).map((record) => record[sort]);
          expectSame(up, up.toSorted(), `sort=${sort}`);
          const down = recordsOf(await on.api.get(`${path}&sort=-${sort}`)).map((record) => record[sort]);
          expectSame(down, up.toReversed(), `sort=-${sort}`);
        }
        expectSame(keysOf(await on.api.get(`${path}&sort=`)).length, PARCELS.length, "with an empty sort");
      });
    },
  ],
  [
    "documented",
    "a search is paged by cursors",
    async (on) => {
      const object = await parcels(on);
      await on.eventually(async () => {
        const path = `custom_objects/${object}/records/search?query=*&sort=name&page[size]=3`;
        const first = await on.api.get(path);
        expectSame(pageOf(first).meta.has_more, true, "has_more");
        const cursor = encodeURIComponent(pageOf(first).meta.after_cursor ?? "");
        const second = await on.api.get(`${path}&page[after]=${cursor}`);
        const seen = [...keysOf(first), ...keysOf(second)];
        expectSame(seen.toSorted(), ["P1", "P2", "P3", "P4"], "what both pages hold");
      });
    },
  ],
  [
    "documented",
    "a filtered search knows every operator of every type, and $and and $or inside one another",
    async (on) => {
      const object = await parcels(on);
      await on.eventually(async () => {
        for (const [filter, found] of FILTERS) {
          const answer = await on.api.post(`custom_objects/${object}/records/search`, { filter });
          expectSame(keysOf(answer).toSorted().join(" "), found, `what ${JSON.stringify(filter)} finds`);
        }
      });
    },
  ],
  [
    "client",
    "a filtered search takes query, sort and page in its body as well as in its query",
    async (on) => {
      const object = await parcels(on);
      const filter = field("pieces", { $exists: true });
      await on.eventually(async () => {
        const path = `custom_objects/${object}/records/search`;
        const inBody = await on.api.post(path, { filter, sort: "-name", page: { size: 2 } });
        const inQuery = await on.api.post(`${path}?sort=-name&page[size]=2`, { filter });
        expectSame(keysOf(inBody), ["P2", "P1"], "what is found");
        expectSame(keysOf(inQuery), keysOf(inBody), "what is found by the query");
        const after = pageOf(inBody).meta.after_cursor;
        const next = await on.api.post(path, { filter, sort: "-name", page: { size: 2, after } });
        expectSame(keysOf(next), ["P4", "P3"], "the next page");
      });
    },
  ],
  [
    "ruling",
    "a filter that can't be read is refused, not ignored",
    async (on) => {
      const object = await parcels(on);
      const filters = [field("carrier", { $like: "x" }), field("nope", { $eq: 1 }), { $and: "x" }, { name: 5 }];
      for (const filter of filters) {
        expectStatus(await on.api.post(`custom_objects/${object}/records/search`, { filter }), 400, 422);
      }
    },
  ],
  [
    "documented",
    "autocomplete finds by a fragment of the name",
    async (on) => {
      const object = await parcels(on);
      await on.eventually(async () => {
        const answer = await on.api.get(`custom_objects/${object}/records/autocomplete?name=Parc`);
        expectSame(keysOf(answer).toSorted(), ["P1", "P2"], "what Parc finds");
      });
    },
  ],
  [
    "documented",
    "what was deleted is not found",
    async (on) => {
      const object = await parcels(on);
      const key = on.fresh();
      await on.put(object, key, { name: "Ephemeral" });
      expectStatus(await on.api.delete(`custom_objects/${object}/records?external_id=${key}`), 204);
      await on.eventually(async () => {
        const answer = await on.api.get(`custom_objects/${object}/records/search?query=ephemeral`);
        expectTrue(keysOf(answer).length === 0, "it is still found");
      });
    },
  ],
]);
