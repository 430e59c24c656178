import { expect, test } from "vitest";
import type { Exchange, RunningJob } from "@sluice/destination";
import { withPermit } from "./job-permit.ts";

const ANSWERED: Exchange = { answer: { kind: "done" }, status: "200", shown: null };

/** A job that runs, and what its permit was told. */
async function running(job: Partial<RunningJob> = {}): Promise<{ job: RunningJob; said: string[] }> {
  const said: string[] = [];
  const permit = { keep: async () => void said.push("keep"), release: async () => void said.push("release") };
  const whole: RunningJob = {
    name: null,
    over: new Promise(() => {}),
    news: async () => null,
    look: async () => ({ exchange: ANSWERED, job: { kind: "running", job: whole } }),
    readBack: async () => ({ exchange: ANSWERED, job: { kind: "refused" } }),
    ...job,
  };
  const told = await withPermit(permit, async () => ({ exchange: ANSWERED, job: { kind: "running", job: whole } }));
  if (told.job.kind !== "running") throw new Error(told.job.kind);
  return { job: told.job.job, said };
}

const never = new AbortController().signal;

test("a job that nobody may look at during a hold keeps its permit all the same", async () => {
  const { job, said } = await running();
  expect(await job.news()).toBeNull();
  expect(said).toEqual(["keep"]);
});

test("a permit is left when a look tells that the job has ended, and not before", async () => {
  let ended = false;
  const { job, said } = await running({
    look: async () => ({
      exchange: ANSWERED,
      job: ended ? { kind: "done", items: [] } : { kind: "running", job: {} as RunningJob },
    }),
  });
  await job.look(never);
  expect(said).toEqual(["keep"]);
  ended = true;
  await job.look(never);
  expect(said).toEqual(["keep", "keep", "release"]);
});

const DONE = { exchange: ANSWERED, job: { kind: "done", items: [] } } as const;

test("a permit is left at once where the end is news, is read off the records, or is the first answer", async () => {
  const heard = await running({ news: async () => DONE });
  expect(await heard.job.news()).toBe(DONE);
  expect(heard.said).toEqual(["keep", "release"]);
  const read = await running({ readBack: async () => DONE });
  expect(await read.job.readBack(never)).toBe(DONE);
  expect(read.said).toEqual(["release"]);
  const said: string[] = [];
  const permit = { keep: async () => void said.push("keep"), release: async () => void said.push("release") };
  expect(await withPermit(permit, async () => DONE)).toBe(DONE);
  expect(said).toEqual(["release"]);
});

test("records that can't be read back say nothing of the job: its permit is not given on", async () => {
  const { job, said } = await running();
  await job.readBack(never);
  expect(said).toEqual([]);
});

test.each([
  ["a refusal", { kind: "record", code: "c", message: "m" }, ["release"]],
  ["silence", { kind: "unknown", code: "c", message: "m" }, []],
] as const)(
  "after %s to the request for a job its permit is given on only where no job can run",
  async (_what, answer, expected) => {
    const said: string[] = [];
    const permit = { keep: async () => void said.push("keep"), release: async () => void said.push("release") };
    await withPermit(permit, async () => ({ exchange: { ...ANSWERED, answer }, job: { kind: "refused" } }));
    expect(said).toEqual(expected);
  },
);
