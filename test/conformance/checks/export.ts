import { chapter, NotApplicable } from "../check.ts";
import type { Bench } from "../bench.ts";
import { expectSame, expectSameSet, expectStatus, expectTrue, recordsOf } from "../expectation.ts";

/** The latest minute is never exported. */
const A_MINUTE_AND_A_BIT_MS = 65_000;

type Exported = { readonly object: string; readonly keys: readonly string[]; readonly gone: string };
const exports = new WeakMap<Bench, Promise<Exported>>();

/** Five records and one that was deleted, all older than a minute. */
function exported(on: Bench): Promise<Exported> {
  const made = exports.get(on) ?? makeExported(on);
  exports.set(on, made);
  return made;
}

async function makeExported(on: Bench): Promise<Exported> {
  const { passTime } = on.options;
  if (passTime === undefined) throw new NotApplicable("needs a minute to pass: --slow");
  const object = await on.object("exported");
  const keys = ["x1", "x2", "x3", "x4", "x5"];
  for (const key of keys) await on.put(object, key, { custom_object_fields: { note: "secret" } });
  await on.put(object, "gone", { custom_object_fields: { note: "secret" } });
  expectStatus(await on.api.delete(`custom_objects/${object}/records?external_id=gone`), 204);
  await passTime(A_MINUTE_AND_A_BIT_MS);
  return { object, keys, gone: "gone" };
}

const path = (object: string, query: string) => `incremental/custom_objects/${object}/cursor?${query}`;

export const EXPORT_CHECKS = chapter("INC", [
  [
    "documented",
    "an export loops by its cursor until has_more is false, and holds what was deleted as [DELETED]",
    async (on) => {
      const { object, keys } = await exported(on);
      const seen: { external_id: string | null; name: string; note: unknown }[] = [];
      let query = "start_time=1&per_page=2";
      for (let pages = 1; ; pages += 1) {
        const answer = await on.api.get(path(object, query));
        for (const { external_id, name, custom_object_fields } of recordsOf(answer)) {
          seen.push({ external_id, name, note: custom_object_fields["note"] });
        }
        const more = (answer.body?.["meta"] as { has_more?: boolean } | undefined)?.has_more;
        expectTrue(String(answer.body?.["after_url"]).includes("cursor="), "after_url has no cursor");
        if (more !== true) break;
        expectTrue(pages < 6, "the export never ends");
        query = `cursor=${encodeURIComponent(String(answer.body?.["after_cursor"]))}&per_page=2`;
      }
      const live = seen.filter(({ name }) => name !== "[DELETED]");
      expectSameSet(
        live.map(({ external_id }) => external_id),
        keys,
        "what is live",
      );
      const gone = seen.filter(({ name }) => name === "[DELETED]");
      expectSame(
        gone.map(({ note }) => note),
        ["[DELETED]"],
        "what was deleted",
      );
    },
  ],
  [
    "documented",
    "exclude_deleted leaves the deleted ones out and is said in the answer",
    async (on) => {
      const { object, keys } = await exported(on);
      const answer = await on.api.get(path(object, "start_time=1&filter[exclude_deleted]=true"));
      expectSameSet(
        recordsOf(answer).map(({ external_id }) => external_id),
        keys,
        "what is exported",
      );
      expectSame(answer.body?.["filter"], { exclude_deleted: true }, "filter");
    },
  ],
  [
    "documented",
    "a start_time of less than a minute ago is 400",
    async (on) => {
      const object = await on.object("exported");
      const { headers } = await on.api.get("custom_objects");
      const nowS = Math.floor((Date.parse(headers.get("date") ?? "") || Date.now()) / 1000);
      expectStatus(await on.api.get(path(object, `start_time=${nowS + 86_400}`)), 400);
      expectStatus(await on.api.get(path(object, "start_time=nonsense")), 400);
      expectStatus(await on.api.get(path(object, "")), 400);
    },
  ],
  [
    "documented",
    "what is refused has errors with a code, a status and a title",
    async (on) => {
      const object = await on.object("exported");
      const nowS = Math.floor(Date.now() / 1000) + 86_400;
      for (const [query, key, status, code] of [
        [`start_time=${nowS}`, object, 400, "StartTimeTooRecent"],
        ["cursor=nonsense", object, 400, "InvalidCursor"],
        ["start_time=1", `${object}_not`, 404, "CustomObjectNotFound"],
      ] as const) {
        const { body } = expectStatus(await on.api.get(path(key, query)), status);
        const [error] = (body?.["errors"] ?? []) as { code?: string; status?: unknown; title?: unknown }[];
        expectSame([error?.code, String(error?.status)], [code, String(status)], "code and status");
        expectTrue(typeof error?.title === "string", "it has no title");
      }
    },
  ],
  [
    "documented",
    "the latest minute is not exported",
    async (on) => {
      const { object } = await exported(on);
      const key = on.fresh();
      await on.put(object, key);
      const answer = await on.api.get(path(object, "start_time=1"));
      expectTrue(!recordsOf(answer).some(({ external_id }) => external_id === key), "it is there");
    },
  ],
  [
    "ruling",
    "has end_of_stream and links.next beside the documented members",
    async (on) => {
      const { object } = await exported(on);
      const { body } = expectStatus(await on.api.get(path(object, "start_time=1&per_page=2")), 200);
      expectSame(body?.["end_of_stream"], false, "end_of_stream");
      expectSame((body?.["links"] as { next?: string } | undefined)?.next, body?.["after_url"], "links.next");
    },
  ],
]);
