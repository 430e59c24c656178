import { z } from "zod";
import { JOB_ACTIONS, LIMITS, RULINGS, jobAsSent, jobStatus, recordAsSent } from "@sluice/zendesk";
import { EVERYBODY, WRITERS, operation } from "../api/operation.ts";
import { linksOfPage, metaOfPage } from "../api/page.ts";
import { PARAMETERS, PREFERENCE_APPLIED } from "../api/parameters.ts";

/** Bulk jobs (§10). */
const answer = z.object({ job_status: jobStatus });
/** Items as people send them. An item of another form fails alone, so that nothing is refused by this schema. */
const item = z.union([recordAsSent.extend({ id: z.string().optional() }), z.string()]);
const job = jobAsSent.extend({ items: z.array(item).min(1).max(LIMITS.bulkItems) });
const list = z.object({ count: z.int(), job_statuses: z.array(jobStatus), meta: metaOfPage, links: linksOfPage });

export const CREATE_JOB = operation({
  id: "createJob",
  method: "post",
  path: "/api/v2/custom_objects/{object}/jobs",
  tag: "Bulk jobs",
  summary: `Write up to ${LIMITS.bulkItems} records`,
  description: `The action is one of ${JOB_ACTIONS.map((action) => `\`${action}\``).join(", ")}. Items of the delete actions are ids or external ids, of all others records. Each item succeeds or fails for itself; the job completes in any case, and \`results\` tells of each. A key that comes twice is written twice, in the order of the items.`,
  roles: WRITERS,
  parameters: [PARAMETERS.prefer, PARAMETERS.fences, PARAMETERS.stamps],
  body: {
    schema: z.object({ job }),
    example: {
      job: {
        action: "create_or_update_by_external_id",
        items: [
          { external_id: "netsuite:1001", name: "Northwind Ltd", custom_object_fields: { tier: "gold" } },
          { external_id: "netsuite:1002", name: "Contoso" },
        ],
      },
    },
  },
  answer: {
    status: 201,
    schema: answer,
    headers: {
      [RULINGS.liveJobsHeader]: "How many jobs may be queued or running, and how many more.",
      ...PREFERENCE_APPLIED,
    },
  },
  refusals: ["invalid", "invalidParameter", "tooManyJobs"],
});

export const LIST_JOBS = operation({
  id: "listJobs",
  method: "get",
  path: "/api/v2/job_statuses",
  tag: "Bulk jobs",
  summary: "List jobs, the newest first",
  description: "Finished jobs are kept for an hour.",
  roles: EVERYBODY,
  parameters: [PARAMETERS.pageSize, PARAMETERS.pageAfter, PARAMETERS.pageBefore],
  refusals: ["invalidPagination"],
  answer: { status: 200, schema: list },
});

export const SHOW_JOBS = operation({
  id: "showJobs",
  method: "get",
  path: "/api/v2/job_statuses/show_many",
  tag: "Bulk jobs",
  summary: "Show several jobs",
  roles: EVERYBODY,
  parameters: [PARAMETERS.jobIds],
  answer: { status: 200, schema: list },
  refusals: ["invalidParameter"],
});

export const SHOW_JOB = operation({
  id: "showJob",
  method: "get",
  path: "/api/v2/job_statuses/{job}",
  tag: "Bulk jobs",
  summary: "Show a job",
  roles: EVERYBODY,
  answer: { status: 200, schema: answer },
});
