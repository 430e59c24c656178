import { chapter, NotApplicable } from "../check.ts";
import {
  expectInvalid,
  expectNotFound,
  expectSame,
  expectSameSet,
  expectStatus,
  expectTrue,
  jobOf,
  recordsOf,
  type JobResult,
  type JobStatus,
} from "../expectation.ts";
import type { Bench } from "../bench.ts";

const results = ({ results: all, id }: JobStatus): readonly JobResult[] => {
  expectTrue(Array.isArray(all), `job ${id} has no results`);
  return all ?? [];
};
const statuses = (job: JobStatus) => results(job).map(({ status }) => status);

async function byKeys(on: Bench, object: string, keys: readonly string[]) {
  const path = `custom_objects/${object}/records?filter[external_ids]=${keys.map(encodeURIComponent).join(",")}`;
  return new Map(recordsOf(await on.api.get(path)).map((record) => [record.external_id, record]));
}

export const JOB_CHECKS = chapter("JOB", [
  [
    "documented",
    "a job is answered with 201 and can be asked for by its url",
    async (on) => {
      const object = await on.object("plain");
      const items = [{ name: "x", external_id: on.fresh() }];
      const answer = await on.api.post(`custom_objects/${object}/jobs`, { job: { action: "create", items } });
      const job = jobOf(answer, 201);
      expectTrue(["queued", "working", "completed"].includes(job.status), `the status is ${job.status}`);
      expectSame(job.total, 1, "total");
      expectSame(new URL(job.url).origin, new URL(on.options.url).origin, "the url's host");
      expectSame(jobOf(await on.api.get(new URL(job.url).pathname)).id, job.id, "the job that is shown");
    },
  ],
  [
    "ruling",
    "create: each item becomes a record, its result says Created with index, id and external_id",
    async (on) => {
      const object = await on.object("plain");
      const keys = [on.fresh(), on.fresh()];
      const job = await on.job(
        object,
        "create",
        keys.map((external_id) => ({ name: external_id, external_id })),
      );
      expectSame(job.status, "completed", "the job's status");
      expectSame(statuses(job), ["Created", "Created"], "the statuses");
      expectSame(
        results(job).map(({ index }) => index),
        [0, 1],
        "the indexes",
      );
      const made = await byKeys(on, object, keys);
      expectSame(
        results(job).map(({ id }) => id),
        keys.map((key) => made.get(key)?.id),
        "the ids",
      );
    },
  ],
  [
    "documented",
    "update: changes what is sent, by id",
    async (on) => {
      const object = await on.object("plain");
      const key = on.fresh();
      const { id } = await on.put(object, key, { custom_object_fields: { note: "kept" } });
      const job = await on.job(object, "update", [{ id, custom_object_fields: { pieces: 9 } }]);
      expectSame(statuses(job), ["Updated"], "the statuses");
      const fields = (await byKeys(on, object, [key])).get(key)?.custom_object_fields;
      expectSame([fields?.["note"], fields?.["pieces"]], ["kept", 9], "the fields");
    },
  ],
  [
    "documented",
    "delete and delete_by_external_id: records are gone",
    async (on) => {
      const object = await on.object("plain");
      const keys = [on.fresh(), on.fresh()];
      const [first] = [await on.put(object, keys[0] ?? ""), await on.put(object, keys[1] ?? "")];
      expectSame(statuses(await on.job(object, "delete", [first.id])), ["Deleted"], "the statuses");
      expectSame(statuses(await on.job(object, "delete_by_external_id", [keys[1]])), ["Deleted"], "the statuses");
      expectSame((await byKeys(on, object, keys)).size, 0, "how many are left");
    },
  ],
  [
    "client",
    "create_or_update_by_external_id: creates and updates, each result says CreateOrUpdate",
    async (on) => {
      const object = await on.object("plain");
      const keys = [on.fresh(), on.fresh()];
      const { id } = await on.put(object, keys[0] ?? "", { custom_object_fields: { note: "kept" } });
      const items = keys.map((external_id) => ({ external_id, name: "bulk", custom_object_fields: { pieces: 5 } }));
      expectSame(
        statuses(await on.job(object, "create_or_update_by_external_id", items)),
        ["CreateOrUpdate", "CreateOrUpdate"],
        "the statuses",
      );
      const found = await byKeys(on, object, keys);
      expectSame(
        [found.get(keys[0] ?? "")?.id, found.get(keys[0] ?? "")?.custom_object_fields["note"]],
        [id, "kept"],
        "the first",
      );
      expectSame(found.get(keys[1] ?? "")?.custom_object_fields["pieces"], 5, "pieces of the second");
    },
  ],
  [
    "documented",
    "create_or_update_by_name, where names are unique",
    async (on) => {
      const object = await on.object("unique");
      const name = on.fresh("n");
      const item = { name, external_id: on.fresh(), custom_object_fields: { note: "n" } };
      expectSame(
        statuses(await on.job(object, "create_or_update_by_name", [item])),
        ["CreateOrUpdate"],
        "the statuses",
      );
      expectSame(
        statuses(await on.job(object, "create_or_update_by_name", [{ ...item, custom_object_fields: { note: "m" } }])),
        ["CreateOrUpdate"],
        "the statuses",
      );
      const found = await byKeys(on, object, [item.external_id]);
      expectSame(found.get(item.external_id)?.custom_object_fields["note"], "m", "note");
    },
  ],
  [
    "client",
    "an item that fails fails alone, and the job completes",
    async (on) => {
      const object = await on.object("plain");
      const keys = [on.fresh(), on.fresh(), on.fresh()];
      const items = keys.map((external_id, place) => ({
        external_id,
        name: "x",
        custom_object_fields: { carrier: place === 1 ? "nope" : "dhl" },
      }));
      const job = await on.job(object, "create_or_update_by_external_id", items);
      expectSame(job.status, "completed", "the job's status");
      expectSame(statuses(job), ["CreateOrUpdate", "Failed", "CreateOrUpdate"], "the statuses");
      const failed = results(job)[1];
      expectSame(failed?.errors?.[0]?.code, "CustomObjectRecordCreateOrUpdateFailed", "the code");
      expectSame(failed?.errors?.[0]?.title, "Record validation errors", "the title");
      expectSameSet([...(await byKeys(on, object, keys)).keys()], [keys[0], keys[2]], "what is there");
    },
  ],
  [
    "client",
    "deleting what nobody has is CustomObjectRecordDeleteFailed",
    async (on) => {
      const job = await on.job(await on.object("plain"), "delete_by_external_id", ["nobody at all"]);
      expectSame(job.status, "completed", "the job's status");
      const [result] = results(job);
      expectSame(
        [result?.status, result?.errors?.[0]?.code],
        ["Failed", "CustomObjectRecordDeleteFailed"],
        "the result",
      );
      expectSame(result?.errors?.[0]?.title, "Record not found", "the title");
    },
  ],
  [
    "ruling",
    "of two items with one key the later one has the last word, and there is one record",
    async (on) => {
      const object = await on.object("plain");
      const external_id = on.fresh();
      const items = ["first", "second", "third"].map((note) => ({
        external_id,
        name: "x",
        custom_object_fields: { note },
      }));
      const job = await on.job(object, "create_or_update_by_external_id", items);
      expectSame(statuses(job), ["CreateOrUpdate", "CreateOrUpdate", "CreateOrUpdate"], "the statuses");
      expectSame(new Set(results(job).map(({ id }) => id)).size, 1, "the number of ids");
      expectSame(
        (await byKeys(on, object, [external_id])).get(external_id)?.custom_object_fields["note"],
        "third",
        "note",
      );
    },
  ],
  [
    "documented",
    "a hundred items are taken; none, a hundred and one, and an unknown action are 422",
    async (on) => {
      const object = await on.object("plain");
      const items = Array.from({ length: 101 }, () => ({ external_id: on.fresh(), name: "many" }));
      const full = await on.job(object, "create_or_update_by_external_id", items.slice(0, 100));
      expectSame([full.total, statuses(full).length], [100, 100], "total and results");
      const path = `custom_objects/${object}/jobs`;
      for (const job of [
        { action: "create_or_update_by_external_id", items },
        { action: "create", items: [] },
        { action: "destroy_all", items: items.slice(0, 1) },
      ]) {
        expectStatus(await on.api.post(path, { job }), 422);
      }
      expectNotFound(
        await on.api.post(`custom_objects/${object}_not/jobs`, { job: { action: "delete", items: ["x"] } }),
      );
    },
  ],
  [
    "documented",
    "names are refused where they are numbered",
    async (on) => {
      const object = await on.object("numbered");
      const job = await on.job(object, "create", [
        { name: "mine", external_id: on.fresh() },
        { external_id: on.fresh() },
      ]);
      expectSame(statuses(job), ["Failed", "Created"], "the statuses");
    },
  ],
  [
    "documented",
    "job statuses: show_many, the list, and 404 for one that nobody made",
    async (on) => {
      const object = await on.object("plain");
      const jobs = [
        await on.job(object, "create", [{ name: "x", external_id: on.fresh() }]),
        await on.job(object, "create", [{ name: "x", external_id: on.fresh() }]),
      ];
      const ids = jobs.map(({ id }) => id);
      const many = expectStatus(await on.api.get(`job_statuses/show_many?ids=${ids.join(",")}`), 200);
      const shown = many.body?.["job_statuses"] as readonly JobStatus[];
      expectSameSet(
        shown.map(({ id }) => id),
        ids,
        "the jobs of show_many",
      );
      const list = expectStatus(await on.api.get("job_statuses"), 200).body?.["job_statuses"] as readonly JobStatus[];
      expectTrue(
        ids.every((id) => list.some((job) => job.id === id)),
        "the list lacks a job",
      );
      expectStatus(await on.api.get("job_statuses/V3-00000000000000000000000000000000"), 404);
      // Clients wait for one of these words and would wait for ever on another.
      for (const { status } of list)
        expectTrue(["queued", "working", "completed", "failed"].includes(status), `a job is ${status}`);
    },
  ],
  [
    "documented",
    "an answer says how many more jobs may run",
    async (on) => {
      const object = await on.object("plain");
      const job = { action: "create", items: [{ name: "x", external_id: on.fresh() }] };
      const { headers } = expectStatus(await on.api.post(`custom_objects/${object}/jobs`, { job }), 201);
      const text = headers.get("zendesk-ratelimit-inflight-jobs") ?? "";
      expectTrue(/^total=30; ?remaining=\d+; ?resets=\d+$/.test(text), `zendesk-ratelimit-inflight-jobs is "${text}"`);
    },
  ],
  [
    "documented",
    "the thirty-first job at once is TooManyJobs, with Retry-After and the ids of those that run",
    async (on) => {
      const object = await on.object("plain");
      const answers = await Promise.all(
        Array.from({ length: 40 }, () => {
          const items = Array.from({ length: 100 }, () => ({ name: "x", external_id: on.fresh() }));
          return on.api.post(`custom_objects/${object}/jobs`, {
            job: { action: "create_or_update_by_external_id", items },
          });
        }),
      );
      const refused = answers.find(({ status }) => status !== 201);
      if (refused === undefined) throw new NotApplicable("jobs end faster than forty can be sent");
      expectStatus(refused, 429);
      expectSame(refused.body?.["error"], "TooManyJobs", "error");
      expectTrue(Array.isArray(refused.body?.["current_job_ids"]), "current_job_ids is missing");
      expectTrue(Number(refused.headers.get("retry-after")) > 0, "Retry-After is missing");
    },
  ],
  [
    "ruling",
    "a job without its envelope is refused",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/jobs`;
      for (const body of [{}, { action: "create", items: [] }, { job: [] }]) {
        expectStatus(await on.api.post(path, body), 400, 422);
      }
      expectInvalid(await on.api.post(path, { job: { action: "create" } }), "items");
    },
  ],
]);
