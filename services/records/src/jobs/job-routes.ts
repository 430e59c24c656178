import type { Request } from "express";
import { ANSWERS, LIMITS as CONTRACT_LIMITS, RULINGS, Refusal } from "@sluice/zendesk";
import { route, type Route } from "../api/operation.ts";
import { callerOf } from "../caller.ts";
import { pageAnswer } from "../paging/page.ts";
import { readPageRequest, type Orders } from "../paging/page-request.ts";
import { unknownFieldsOf } from "../preference.ts";
import { baseOf } from "../origin.ts";
import { parameter, queryOf, readEnvelope } from "../request.ts";
import type { Store } from "../store.ts";
import { readJob } from "./bulk-job.ts";
import { CREATE_JOB, LIST_JOBS, SHOW_JOB, SHOW_JOBS } from "./job-operations.ts";
import { jobOf, type JobRow } from "./job-row.ts";
import { runJob } from "./job-run.ts";
import type { Jobs } from "./jobs.ts";

const ENVELOPE = "job_status";

/** `/custom_objects/{object}/jobs` and `/job_statuses…` (§10). */
export function jobRoutes(store: Store, jobs: Jobs): readonly Route[] {
  return [
    route(CREATE_JOB, async (request, response) => {
      const { object } = request.params;
      await store.definitions.with(object, () => Promise.resolve(undefined));
      const fences = request.get(RULINGS.jobFencesHeader);
      const unknownFields = unknownFieldsOf(request, response, store.quirks);
      const job = readJob(
        { ...readEnvelope(request, "job", "items"), unknownFields },
        { fences, stamps: request.get(RULINGS.stampsHeader) },
      );
      if (fences !== undefined) response.set(RULINGS.fenceHeader, RULINGS.jobFencesChecked);
      const caller = callerOf(response);
      const row = await jobs.submit(job.items.length, () => runJob(store, object, job, caller));
      const { liveJobs } = CONTRACT_LIMITS;
      response
        .status(201)
        .set(RULINGS.liveJobsHeader, `total=${liveJobs}; remaining=${liveJobs - jobs.live}; resets=60`)
        .json({ [ENVELOPE]: jobOf(row, baseOf(request)) });
    }),

    route(LIST_JOBS, async (request, response) => {
      const parameters = queryOf(request);
      const page = readPageRequest(parameters, NEWEST_FIRST);
      const found = await jobs.list(page);
      response.json({
        ...listOf(found.rows, request),
        ...pageAnswer(found, page, ({ id }) => ({ value: "", id }), { request, parameters, path: "job_statuses" }),
      });
    }),

    route(SHOW_JOBS, async (request, response) => {
      const ids = (parameter(queryOf(request), "ids") ?? "").split(",");
      if (ids.length > CONTRACT_LIMITS.pageSize) {
        throw new Refusal(ANSWERS.invalidParameter(`ids names more than ${CONTRACT_LIMITS.pageSize} jobs`));
      }
      response.json(listOf(await jobs.find(ids.filter(isJobId)), request));
    }),

    route(SHOW_JOB, async (request, response) => {
      const id = request.params.job;
      const [row] = isJobId(id) ? await jobs.find([id]) : [];
      if (row === undefined) throw new Refusal(ANSWERS.recordNotFound());
      response.json({ [ENVELOPE]: jobOf(row, baseOf(request)) });
    }),
  ];
}

/** Jobs come in one order only. */
const NEWEST_FIRST: Orders<"id"> = { values: { id: () => true }, sortable: [], unlessAsked: "-id", isId: isJobId };

function isJobId(text: string): boolean {
  return /^V3-[0-9a-f]{32}$/.test(text);
}

function listOf(rows: readonly JobRow[], request: Request): object {
  return {
    count: rows.length,
    job_statuses: rows.map((row) => jobOf(row, baseOf(request))),
    meta: { has_more: false, after_cursor: null, before_cursor: null },
    links: { next: null, prev: null },
  };
}
