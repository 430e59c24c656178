import { RULINGS, type JobResult, type JobStatus } from "@sluice/zendesk";

/** A job as statements return it. */
export type JobRow = {
  readonly id: string;
  readonly status: JobStatus["status"];
  readonly total: number;
  readonly progress: number | null;
  readonly message: string | null;
  readonly results: readonly JobResult[] | null;
};

/** A job as it leaves (§10). */
export function jobOf(row: JobRow, base: string): JobStatus {
  return {
    id: row.id,
    job_type: RULINGS.jobType,
    url: `${base}/job_statuses/${row.id}.json`,
    total: row.total,
    progress: row.progress,
    status: row.status,
    message: row.message,
    results: row.results === null ? null : [...row.results],
  };
}

/** How a job ended. */
export function messageOf(status: "completed" | "failed", atMs: number): string {
  const time = new Date(atMs).toISOString();
  const ended = status === "completed" ? "Completed" : "Failed";
  return `${ended} at ${time.slice(0, 10)} ${time.slice(11, 19)} +0000`;
}
