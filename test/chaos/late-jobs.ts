/**
 * Bulk jobs whose answers were lost, and which the destination runs later than anybody waits for an answer: until then its list of
 * jobs shows them as queued, as a real one's does.
 */
export type LateJobs = {
  /** Whether this request posts a job. */
  isPost(method: string | undefined, path: string | undefined): boolean;
  /** Queues a job, and runs it after that. */
  queue(run: () => Promise<unknown>, after: Promise<void>): Promise<void>;
  /** The store's answer to a question for the list, with what is queued here on its first page. */
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
      const isFirstPage = /\/job_statuses\?/.test(path ?? "") && !/after/.test(path ?? "");
      if (queued.size === 0 || !isFirstPage) return bytes;
      const list = JSON.parse(bytes.toString()) as { job_statuses?: object[] };
      const here = [...queued].map((id) => ({ id, status: "queued", results: null }));
      return Buffer.from(JSON.stringify({ ...list, job_statuses: [...here, ...(list.job_statuses ?? [])] }));
    },
  };
}
