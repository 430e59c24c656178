import type { JobPlace } from "@sluice/queue";
import type { JobExchange, RunningJob } from "@sluice/destination";

/** Asks for a job that has a place, and keeps the place for as long as the job may run. */
export async function inPlace(place: JobPlace, ask: () => Promise<JobExchange>): Promise<JobExchange> {
  const told = await ask();
  switch (told.job.kind) {
    case "running":
      return { ...told, job: { kind: "running", job: placed(place, told.job.job) } };
    case "done":
      leave(place);
      return told;
    case "refused":
    case "unsupported":
      // After silence it may run all the same: its place ends by itself.
      if (told.exchange.answer.kind !== "unknown") leave(place);
      return told;
  }
}

/** A job that keeps its place while it is looked at, and leaves it at its end. */
export function placed(place: JobPlace, job: RunningJob): RunningJob {
  return {
    name: job.name,
    over: job.over,
    async news() {
      // The place is kept also while a hold lets nobody look: the job runs on.
      await place.keep();
      const told = await job.news();
      if (told === null) return null;
      return await inPlace(place, async () => told);
    },
    async look(signal) {
      await place.keep();
      return await inPlace(place, async () => await job.look(signal));
    },
    async readBack(signal) {
      const read = await job.readBack(signal);
      if (read.job.kind === "done") leave(place);
      return read;
    },
  };
}

/** Leaves a place, and nobody waits for it: the job's writes can be settled at once, and a place that can't be left ends by itself. */
function leave(place: JobPlace): void {
  place.leave().catch(() => {});
}
