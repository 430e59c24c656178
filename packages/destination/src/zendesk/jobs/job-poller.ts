import { askForJob, askForJobs, jobAnswerOf, type JobAnswer, type JobPlace } from "./bulk.ts";
import type { ZendeskClient } from "../client.ts";
import { JOB_FORGOTTEN_MS, JOB_NEWS_MS } from "../../limits.ts";

/** The jobs that one process follows, with the answers of its polls: a poll is a request too, so one asks for all jobs. */
export type JobPoller = {
  /** Adds a job that was just started, so that the next poll for another one asks for it too. */
  track(id: string): void;
  /** Asks for a job and for all others that run. Throws as the client does. */
  poll(place: JobPlace, signal: AbortSignal): Promise<JobAnswer>;
  /** Resolves when the poll for another job tells that this one has ended. */
  over(id: string): Promise<void>;
  /** The answer about this job that a poll for another one has just brought, told once; null: none. */
  news(id: string): Promise<JobAnswer | null>;
};

type Followed = {
  /** When the job was last asked for: one that nobody asks for any more was given up. */
  askedAtMs: number;
  news: { readonly answer: JobAnswer; readonly atMs: number } | null;
  /** The poll for all jobs told nothing of this one: it is asked for at its own page, and in the list. */
  alone: boolean;
  readonly over: PromiseWithResolvers<void>;
};

export function createJobPoller(client: ZendeskClient): JobPoller {
  const followed = new Map<string, Followed>();
  let polling: Promise<unknown> = Promise.resolve();

  function ask(id: string): Followed {
    const job = followed.get(id) ?? { askedAtMs: 0, news: null, alone: false, over: Promise.withResolvers() };
    job.askedAtMs = performance.now();
    followed.set(id, job);
    return job;
  }

  function told(id: string, answer: JobAnswer): JobAnswer {
    if (answer.kind === "ended") followed.delete(id);
    return answer;
  }

  async function pollAll(ids: readonly string[], place: JobPlace, signal: AbortSignal): Promise<JobAnswer> {
    const { page, reply } = await askForJobs(client, ids, { signal });
    const answers = new Map((page?.jobs ?? []).map((job) => [job.id, jobAnswerOf(job, reply)]));
    for (const [id, job] of followed) {
      const answer = answers.get(id);
      if (answer !== undefined) job.news = { answer, atMs: performance.now() };
      else if (ids.includes(id)) job.alone = true;
      if (answer?.kind === "ended") job.over.resolve();
    }
    return answers.get(place.id) ?? { kind: "running", place, told: page !== null, reply };
  }

  return {
    track: (id) => void ask(id),

    async poll(place, signal) {
      const { alone } = ask(place.id);
      const oldest = performance.now() - JOB_FORGOTTEN_MS;
      for (const [id, { askedAtMs }] of followed) if (askedAtMs < oldest) followed.delete(id);
      const ids = [...followed].flatMap(([id, job]) => (job.alone ? [] : [id]));
      if (alone || ids.length < 2) return told(place.id, await askForJob(client, place, { signal }));
      const all = pollAll(ids, place, signal);
      polling = all.catch(() => {});
      const answer = await all;
      ask(place.id).news = null;
      return told(place.id, answer);
    },

    over: async (id) => await ask(id).over.promise,

    async news(id) {
      const job = ask(id);
      await polling;
      const { news } = job;
      job.news = null;
      // An end is final; a job that ran at the time of the poll is soon polled again.
      const isOld = news?.answer.kind === "running" && news.atMs < performance.now() - JOB_NEWS_MS;
      return news === null || isOld ? null : told(id, news.answer);
    },
  };
}
