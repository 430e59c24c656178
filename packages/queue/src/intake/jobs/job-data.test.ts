import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { MAX_JOB_BYTES } from "../../limits.ts";
import { decodeJob, encodeJob, UnreadableJobError } from "./job-data.ts";
import type { IntakeJob } from "../webhook.ts";

function jobOf(bodyCharacters: number, count = 1): IntakeJob {
  return {
    configuration: 3,
    digests: { erp: "d" },
    webhooks: Array.from({ length: count }, (_, index) => ({
      source: "erp",
      rank: 0,
      arrival: { micros: 1_793_880_000_000_000 + index, session: 9 },
      kept: {
        method: "POST",
        url: "https://in.example.com/webhooks/erp",
        path: "/webhooks/erp",
        query: "a=1",
        headers: [["x-é", "ü"] as const],
        body: JSON.stringify({ text: "ß".repeat(bodyCharacters) }),
      },
      ids: [`e-${index}`],
      secretNumber: 1,
      run: 0,
      wait: index === 0 ? 4 : null,
    })),
  };
}

test.each([10, 2_000, 20_000, 100_000])(
  "a job with a body of %i characters is read as it was written",
  async (characters) => {
    const job = jobOf(characters, 3);
    const { value, bytes } = await encodeJob(job);
    const stored = JSON.parse(JSON.stringify(value)) as unknown;
    expect(await decodeJob(stored)).toEqual(job);
    // From a kilobyte on it is deflated; either way the bytes are those that Redis holds, but for the quotes.
    expect(typeof value).toBe(characters > 100 ? "string" : "object");
    expect(Math.abs(JSON.stringify(value).length - bytes)).toBeLessThanOrEqual(2);
  },
);

test("jobs that are written down at the same time stay apart", async () => {
  const jobs = [400, 20_000, 500, 100_000, 600].map((characters) => jobOf(characters, 2));
  const written = await Promise.all(jobs.map(async (job) => await encodeJob(job)));
  expect(await Promise.all(written.map(async ({ value }) => await decodeJob(value)))).toEqual(jobs);
});

test("a webhook's trace goes with it, for those who know of traces; one that is too long for a trace is left out", async () => {
  const job = jobOf(10, 2);
  const traced = { ...job, webhooks: [{ ...job.webhooks[0]!, trace: "00-t-s-01 a=1" }, job.webhooks[1]!] };
  const { value } = await encodeJob(traced);
  expect(await decodeJob(value)).toEqual(traced);
  // The release before reads fourteen members, and needs them all.
  const [first, second] = (value as { readonly w: readonly unknown[][] }).w;
  expect([first!.length, second!.length]).toEqual([15, 14]);
  const { value: long } = await encodeJob({ ...job, webhooks: [{ ...job.webhooks[0]!, trace: "x".repeat(601) }] });
  expect((await decodeJob(long)).webhooks).toEqual([job.webhooks[0]]);
});

test.each([
  ["of a newer version", { v: 2, c: 1, w: [], s: {} }],
  ["that is nothing", null],
  ["without webhooks", { v: 1, c: 1, w: [], s: {} }],
  ["with a webhook of another shape", { v: 1, c: 1, w: [["erp"]], s: {} }],
  ["deflated and cut", "zeJyrVkpU"],
  ["in a form that is not known", "y{}"],
])("a job %s can't be read, and says so", async (_name, value) => {
  await expect(decodeJob(value)).rejects.toBeInstanceOf(UnreadableJobError);
});

test("a job of which anything is of another kind can't be read: nothing of it is taken for something else", async () => {
  const { value } = await encodeJob(jobOf(10, 2));
  type Whole = { v: unknown; c: unknown; w: unknown[][]; s: unknown };
  const spoilt = (spoil: (whole: Whole) => void): unknown => {
    const whole = structuredClone(value) as Whole;
    spoil(whole);
    return whole;
  };
  const [TEXT, NUMBER, LIST] = ["x", 1.5, [1]];
  const wrong: readonly (readonly [place: number, value: unknown])[] = [
    ...[0, 4, 5, 6, 8, 13].map((place) => [place, NUMBER] as const),
    ...[1, 2, 3].flatMap((place) => [[place, TEXT] as const, [place, NUMBER] as const]),
    ...[TEXT, LIST, [["a"]], [["a", 1]], [["a", "b"], ["c"]]].map((each) => [7, each] as const),
    ...[TEXT, LIST, ["a", 1]].map((each) => [9, each] as const),
  ];
  for (const [place, other] of wrong) {
    const bad = spoilt(({ w }) => (w[1]![place] = other));
    await expect(decodeJob(bad), JSON.stringify([place, other])).rejects.toThrow("its webhook 2 is none");
  }
  await expect(decodeJob(spoilt(({ w }) => w[1]!.splice(13, 1)))).rejects.toThrow("its webhook 2 is none");
  for (const spoil of [
    (whole: Whole) => (whole.c = 1.5),
    (whole: Whole) => (whole.s = null),
    (whole: Whole) => (whole.s = "x"),
  ]) {
    await expect(decodeJob(spoilt(spoil))).rejects.toThrow("it holds no list of webhooks");
  }
  await expect(decodeJob(spoilt((whole) => (whole.v = 2)))).rejects.toThrow("its version is 2, and 1 is known");
  await expect(decodeJob({})).rejects.toThrow("its version is missing, and 1 is known");
  await expect(decodeJob("y{}")).rejects.toThrow("no known form");
});

test("a little text that unfolds to more than any job holds is not unfolded", async () => {
  const bomb = deflateRawSync(Buffer.alloc(MAX_JOB_BYTES + 1, " ")).toString("base64");
  await expect(decodeJob(`z${bomb}`)).rejects.toThrow(/larger than/);
});
