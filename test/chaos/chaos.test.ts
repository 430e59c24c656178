import { expect, test } from "vitest";
import { differences, printResult } from "./result.ts";
import { runChaos } from "./run.ts";

// `pnpm chaos --seed N --minutes M` is the same run, for as long as one likes; RESULTS.md has its findings.
test("under kills, freezes, cuts and a faulty store every acknowledged event ends in its record", async () => {
  const seed = Number(process.env["SLUICE_TEST_SEED"]);
  console.log(`chaos, seed ${seed}`);
  const plan = { seed, seconds: 15, records: 200, eventsPerSecond: 150, ingresses: 2, workers: 3 };
  const rest = {
    faultEveryMs: 1200,
    settleMs: 60_000,
    resume: true,
    fences: true,
    databaseUrl: undefined,
    faults: "usual",
    replicas: 0,
    lanes: 1,
  } as const;
  const result = await runChaos({ ...plan, ...rest }, () => {});
  console.log(printResult(result));
  expect(differences(result)).toEqual([]);
  expect(result.sending.acknowledged).toBeGreaterThan(200);
  expect(result.faults.size).toBeGreaterThan(4);
});
