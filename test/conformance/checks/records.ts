import type { Bench } from "../bench.ts";
import { chapter } from "../check.ts";
import {
  errorCodes,
  expectInvalid,
  expectNotFound,
  expectSame,
  expectSameSet,
  expectStatus,
  expectTrue,
  pageOf,
  recordOf,
  recordsOf,
} from "../expectation.ts";

const NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** Seven records, made once; their ids in the order of creation. */
async function seven(on: Bench): Promise<{ object: string; ids: readonly string[] }> {
  const object = await on.object("listed");
  const ids: string[] = [];
  for (let place = 1; place <= 7; place += 1) ids.push((await on.put(object, `seven ${place}`)).id);
  return { object, ids };
}

/** Follows a link of an answer, which must lead back to where the answer came from. */
async function follow(on: Bench, link: string) {
  const { origin, pathname, search } = new URL(link);
  expectSame(origin, new URL(on.options.url).origin, "the link's host");
  expectTrue(pathname.endsWith(".json"), `the link ${link} has no .json`);
  return on.api.get(pathname + search);
}

export const RECORD_CHECKS = chapter("REC", [
  [
    "documented",
    "POST creates with 201, and shows, changes and deletes by id",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/records`;
      const key = on.fresh();
      const sent = { name: "One", external_id: key, custom_object_fields: { note: "n" } };
      const made = recordOf(await on.api.post(path, { custom_object_record: sent }), 201);
      expectSame(recordOf(await on.api.get(`${path}/${made.id}`)), made, "the record that is shown");
      const changed = recordOf(
        await on.api.patch(`${path}/${made.id}`, { custom_object_record: { custom_object_fields: { pieces: 3 } } }),
      );
      expectSame(
        [changed.custom_object_fields["note"], changed.custom_object_fields["pieces"]],
        ["n", 3],
        "the fields",
      );
      expectSame(expectStatus(await on.api.delete(`${path}/${made.id}`), 204).text, "", "the body of a 204");
      expectNotFound(await on.api.get(`${path}/${made.id}`));
    },
  ],
  [
    "client",
    "every member of a record is always there",
    async (on) => {
      const record = await on.put(await on.object("plain"), on.fresh());
      const members = ["url", "id", "name", "custom_object_key", "custom_object_fields", "created_by_user_id"];
      members.push("updated_by_user_id", "created_at", "updated_at", "external_id", "photo");
      const missing = members.filter((member) => !Object.hasOwn(record, member));
      expectSame(missing, [], "what is missing");
      for (const time of [record.created_at, record.updated_at]) {
        expectTrue(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time), `${time} is no time to the second`);
      }
    },
  ],
  [
    "ruling",
    "a taken external_id is 422 on POST and on PATCH by id",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/records`;
      const [taken, other] = [on.fresh(), on.fresh()];
      await on.put(await on.object("plain"), taken);
      const { id } = await on.put(await on.object("plain"), other);
      const answers = [
        await on.api.post(path, { custom_object_record: { name: "x", external_id: taken } }),
        await on.api.patch(`${path}/${id}`, { custom_object_record: { external_id: taken } }),
      ];
      for (const answer of answers) expectInvalid(answer, "base", "External ID: has already been taken");
    },
  ],
  [
    "documented",
    "PATCH by id renames and clears the external_id",
    async (on) => {
      const object = await on.object("plain");
      const { id } = await on.put(object, on.fresh());
      const renamed = on.fresh();
      const path = `custom_objects/${object}/records/${id}`;
      const set = (external_id: string | null) => on.api.patch(path, { custom_object_record: { external_id } });
      expectSame(recordOf(await set(renamed)).external_id, renamed, "external_id");
      expectSame(recordOf(await set(null)).external_id, null, "external_id");
    },
  ],
  [
    "documented",
    "DELETE by external_id and by name; a second time is 404",
    async (on) => {
      const object = await on.object("unique");
      const [key, name] = [on.fresh(), on.fresh("n")];
      await on.put(object, key);
      await on.put(object, on.fresh(), { name });
      for (const query of [`external_id=${key}`, `name=${name}`]) {
        expectStatus(await on.api.delete(`custom_objects/${object}/records?${query}`), 204);
        expectNotFound(await on.api.delete(`custom_objects/${object}/records?${query}`));
      }
    },
  ],
  [
    "ruling",
    "what was deleted frees its external_id: an upsert makes a new record",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const { id } = await on.put(object, key);
      expectStatus(await on.api.delete(`custom_objects/${object}/records?external_id=${key}`), 204);
      expectTrue((await on.put(object, key)).id !== id, "it has the old id");
    },
  ],
  [
    "client",
    "ids that nobody has are 404, in every verb",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/records/${NOBODY}`;
      expectNotFound(await on.api.get(path));
      expectNotFound(await on.api.patch(path, { custom_object_record: { name: "x" } }));
      expectNotFound(await on.api.delete(path));
    },
  ],
  [
    "documented",
    "the list filters by ids and by external_ids; what nobody has is silently absent",
    async (on) => {
      const { object, ids } = await seven(on);
      const path = `custom_objects/${object}/records`;
      const byId = await on.api.get(`${path}?filter[ids]=${ids[1]},${ids[4]},${NOBODY}`);
      expectSameSet(
        recordsOf(byId).map(({ id }) => id),
        [ids[1], ids[4]],
        "the ids",
      );
      const byKey = await on.api.get(`${path}?filter%5Bexternal_ids%5D=seven+2%2Cseven%203,nobody`);
      expectSameSet(
        recordsOf(byKey).map(({ external_id }) => external_id),
        ["seven 2", "seven 3"],
        "the keys",
      );
    },
  ],
  [
    "documented",
    "the list sorts by id and updated_at, up and down",
    async (on) => {
      const { object, ids } = await seven(on);
      for (const [sort, key] of [
        ["id", "id"],
        ["updated_at", "updated_at"],
      ] as const) {
        const up = recordsOf(await on.api.get(`custom_objects/${object}/records?sort=${sort}`));
        const down = recordsOf(await on.api.get(`custom_objects/${object}/records?sort=-${sort}`));
        expectSame(up.length, ids.length, "the number of records");
        expectSame(
          up.map((record) => record[key]),
          up.map((record) => record[key]).toSorted(),
          `sort=${sort}`,
        );
        expectSame(
          down.map(({ id }) => id),
          up.map(({ id }) => id).toReversed(),
          `sort=-${sort}`,
        );
      }
    },
  ],
  [
    "documented",
    "walking by has_more visits every record once, and so does following links.next until it is null",
    async (on) => {
      const { object, ids } = await seven(on);
      const path = `custom_objects/${object}/records?page[size]=3`;
      const byMeta: string[] = [];
      let cursor = "";
      for (let more = true; more;) {
        const answer = await on.api.get(path + (cursor === "" ? "" : `&page[after]=${encodeURIComponent(cursor)}`));
        const { meta } = pageOf(answer);
        byMeta.push(...recordsOf(answer).map(({ id }) => id));
        more = meta.has_more;
        cursor = meta.after_cursor ?? "";
        expectTrue(byMeta.length <= ids.length, "the walk goes on for ever");
      }
      expectSameSet(byMeta, ids, "what the walk by has_more saw");
      const byLink: string[] = [];
      let answer = await on.api.get(path);
      for (let pages = 1; ; pages += 1) {
        byLink.push(...recordsOf(answer).map(({ id }) => id));
        const { next } = pageOf(answer).links;
        if (next === null) break;
        expectTrue(pages < 6, "links.next never ends");
        answer = await follow(on, next);
      }
      expectSameSet(byLink, ids, "what the walk by links saw");
    },
  ],
  [
    "documented",
    "pages can be walked backwards, and keep the other parameters",
    async (on) => {
      const { object } = await seven(on);
      const first = await on.api.get(`custom_objects/${object}/records?page[size]=2&sort=-id&locale=en`);
      const second = await follow(on, pageOf(first).links.next ?? "");
      const previous = pageOf(second).links.prev;
      expectTrue(previous !== null, "the second page has no links.prev");
      expectSame(recordsOf(await follow(on, previous ?? "")), recordsOf(first), "the page before the second");
      expectTrue((previous ?? "").includes("locale=en"), "the link lost a parameter");
    },
  ],
  [
    "client",
    "bad sorts, sizes and cursors are 400 with InvalidPaginationParameter",
    async (on) => {
      const { object } = await seven(on);
      for (const query of [
        "sort=name",
        "page[size]=0",
        "page[size]=101",
        "page[after]=nonsense",
        "page[after]=a&page[before]=b",
      ]) {
        const answer = expectStatus(await on.api.get(`custom_objects/${object}/records?${query}`), 400);
        expectSame(errorCodes(answer), ["InvalidPaginationParameter"], `the codes of ${query}`);
      }
    },
  ],
  [
    "documented",
    "the count counts live records",
    async (on) => {
      const { object, ids } = await seven(on);
      const { body } = expectStatus(await on.api.get(`custom_objects/${object}/records/count`), 200);
      expectSame((body?.["count"] as { value?: number } | undefined)?.value, ids.length, "count.value");
    },
  ],
  [
    "documented",
    "the limits of objects, fields and records each have count and limit",
    async (on) => {
      const object = await on.object("plain");
      const paths = ["limits/object_limit", `${object}/limits/field_limit`, "limits/record_limit"];
      for (const path of paths) {
        const { body } = expectStatus(await on.api.get(`custom_objects/${path}`), 200);
        expectSame([typeof body?.["count"], typeof body?.["limit"]], ["number", "number"], path);
      }
    },
  ],
]);
