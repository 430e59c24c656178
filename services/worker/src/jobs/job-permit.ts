import type { JobPermit } from "@sluice/queue";
import type { JobExchange, RunningJob } from "@sluice/destination";

/** Asks for a job that has a permit, and keeps it for as long as the job may run. */
export async function withPermit(permit: JobPermit, ask: () => Promise<JobExchange>): Promise<JobExchange> {
  const told = await ask();
  switch (told.job.kind) {
    case "running":
      return { ...told, job: { kind: "running", job: keeping(permit, told.job.job) } };
    case "done":
      release(permit);
      return told;
    case "refused":
    case "unsupported":
      // After silence it may run all the same: its permit ends by itself.
      if (told.exchange.answer.kind !== "unknown") release(permit);
      return told;
  }
}

/** A job that keeps its permit while it is looked at, and releases it at its end. */
export function keeping(permit: JobPermit, job: RunningJob): RunningJob {
  return {
    name: job.name,
    over: job.over,
    async news() {
      // The permit is kept also while a hold lets nobody look: the job runs on.
      await permit.keep();
      const told = await job.news();
      if (told === null) return null;
      return await withPermit(permit, async () => told);
    },
    async look(signal) {
      await permit.keep();
      return await withPermit(permit, async () => await job.look(signal));
    },
    async readBack(signal) {
      const read = await job.readBack(signal);
      if (read.job.kind === "done") release(permit);
      return read;
    },
  };
}

/** Releases a permit, and nobody waits for it: the job's writes can be settled at once, and a permit that can't be released ends by itself. */
function release(permit: JobPermit): void {
  permit.release().catch(() => {});
}
