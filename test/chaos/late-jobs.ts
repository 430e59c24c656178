/**
 * Bulk jobs whose answers were lost, and which the destination runs later than anybody waits for an answer: until then its list of
 * jobs shows them as queued, as a real one's does.
 */
export type LateJobs = {
  /** Whether this request posts a job. */
  isPost(method: string | undefined, path: string | undefined): boolean;
  /** Queues a job, and runs it once `after` has resolved. */
  queue(run: () => Promise<unknown>, after: Promise<void>): Promise<void>;
  /** The store's answer to a question for the list, or for jobs by their ids, with the jobs that are queued here shown as queued. */
  listed(path: string | undefined, bytes: Buffer): Buffer;
};

export function lateJobs(): LateJobs {
  let posted = 0;
  const queued = new Set<string>();
  return {
    isPost: (method, path) => method === "POST" && /\/custom_objects\/[^/]+\/jobs$/.test(path ?? ""),
    async queue(run, after) {
      posted += 1;
      const id = `late-${posted}`;
      queued.add(id);
      await after;
      await run().finally(() => queued.delete(id));
    },
    listed(path, bytes) {
      const url = new URL(path ?? "/", "http://store");
      const ids = url.pathname.endsWith("/job_statuses/show_many") ? url.searchParams.get("ids") : null;
      const isFirstPage = url.pathname.endsWith("/job_statuses") && !url.searchParams.has("page[after]");
      const here = [...queued].filter((id) => (ids === null ? isFirstPage : ids.split(",").includes(id)));
      if (here.length === 0) return bytes;
      const list = JSON.parse(bytes.toString()) as { job_statuses?: object[] };
      const added = here.map((id) => ({ id, status: "queued", results: null }));
      return Buffer.from(JSON.stringify({ ...list, job_statuses: [...added, ...(list.job_statuses ?? [])] }));
    },
  };
}
