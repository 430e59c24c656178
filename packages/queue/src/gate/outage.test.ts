import { afterAll, expect, inject, test } from "vitest";
import { decide } from "@sluice/record";
import type { Claim } from "../claims/claim.ts";
import { ORDER } from "../claims/claim-order.fixture.ts";
import { openStillLane, stillRedis } from "../still-clock.fixture.ts";

/**
 * Ten minutes of outage on a clock of the test's, with the real scripts: three workers, each with 8 requests and jobs of 100,
 * a destination that answers after 200 ms, and a backlog. SLUICE_TEST_RECORDS sets its size; 50,000 has been run.
 */
const RECORDS = Number(process.env["SLUICE_TEST_RECORDS"] ?? 2000);
const WORKERS = 3;
const CONCURRENCY = 8;
const STEP_MS = 100;
const LATENCY_MS = 200;
const OUTAGE_MS = 10 * 60_000;
const RETRY = { maxAttempts: 20, deadlineMs: 86_400_000, firstDelayMs: 500, longestDelayMs: 60_000 };

type Request = { claims: readonly Claim[]; pass: string | undefined; endsAtMs: number };

const redis = stillRedis(inject("redisUrl"));
afterAll(() => redis.disconnect());

test("an outage of ten minutes spends no attempt, kills nothing, and ends in a ramp", async () => {
  const still = await openStillLane(redis);
  const { lane, gate } = still;
  const names = Array.from({ length: RECORDS }, (_, index) => `r${index}`);
  for (let at = 0; at < RECORDS; at += 5000) await still.admit(names.slice(at, at + 5000));
  // A breaker has opened.
  await gate.holdUnwell();

  const workers = Array.from({ length: WORKERS }, (): { running: Request[]; unused: number } => ({
    running: [],
    unused: 0,
  }));
  const inFlight = (): number => workers.reduce((sum, { running }) => sum + running.length, 0);
  let probes = 0;
  let mostWhileDown = 0;
  const spikes: number[] = [];
  let heldForMs = 0;
  const ramp: number[] = [];

  const finish = async ({ claims, pass }: Request, down: boolean): Promise<void> => {
    const answer = down
      ? ({ kind: "down", code: "status_500", message: "", forMs: 0 } as const)
      : ({ kind: "done" } as const);
    const verdict = decide(answer, { attempts: 0, failingForMs: 0, random: 0.5 }, RETRY);
    if (pass !== undefined) await gate.report(pass, verdict.health);
    if (verdict.kind === "settle") {
      await Promise.all(claims.map(async (claim) => await lane.settleFields(claim)));
    } else if (verdict.kind === "retry") {
      await Promise.all(
        claims.map(async (claim) => await lane.wait(claim, verdict.delayMs, { spent: pass === undefined })),
      );
    }
  };

  const start = async (worker: (typeof workers)[number]): Promise<void> => {
    const requests = CONCURRENCY - worker.running.length;
    if (requests === 0) return;
    const order = { ...ORDER, requests, batch: 100, unused: worker.unused, passMs: 30_000 };
    const claimed = await lane.claim(order);
    heldForMs = claimed.kind === "held" ? (claimed.forMs ?? 0) : 0;
    if (claimed.kind === "held") return;
    worker.unused = 0;
    if (claimed.kind === "wait") return;
    const { claims, passes } = claimed;
    const jobs = claims.length <= claimed.requests ? claims.map((claim) => [claim]) : inJobs(claims);
    for (const [index, job] of jobs.entries()) {
      worker.running.push({ claims: job, pass: passes[index], endsAtMs: still.nowMs() + LATENCY_MS });
    }
    worker.unused = claimed.requests - jobs.length;
    await Promise.all(passes.slice(jobs.length).map(async (pass) => await gate.report(pass, "unheard")));
  };

  const oneStep = async (): Promise<void> => {
    const down = still.nowMs() < OUTAGE_MS;
    for (const worker of workers) {
      const over = worker.running.filter(({ endsAtMs }) => endsAtMs <= still.nowMs());
      worker.running = worker.running.filter((request) => !over.includes(request));
      for (const request of over) await finish(request, down);
    }
    const before = inFlight();
    for (const worker of workers) await start(worker);
    if (down) {
      mostWhileDown = Math.max(mostWhileDown, inFlight());
      probes += inFlight() - before;
    } else {
      const allowed = await redis.hget(`${still.tag}:gate`, "allowed");
      if (inFlight() > Number(allowed ?? Infinity)) spikes.push(inFlight());
      ramp.push(inFlight());
    }
    // While nothing is in flight only the end of the hold, or of the outage, can change anything.
    const quietMs = inFlight() > 0 || !down ? 0 : Math.min(heldForMs, OUTAGE_MS - still.nowMs());
    await still.passTime(Math.max(STEP_MS, quietMs));
  };
  for (let step = 0; (await lane.numbers()).pendingRecords > 0 && step < 30_000; step += 1) await oneStep();

  const { outcomes, open, deadRecords, gate: after } = await lane.numbers();
  const attempts = await Promise.all(
    (await redis.keys(`${still.tag}:p:*`)).map(async (key) => await redis.hget(key, "@attempts")),
  );
  console.log(
    `${RECORDS} records: ${probes} probes in ten minutes, in flight afterwards ${ramp.filter((n, at) => n !== ramp[at - 1]).join(" ")}`,
  );
  expect(mostWhileDown).toBe(1);
  expect(spikes).toEqual([]);
  expect(ramp.find((requests) => requests > 0)).toBe(1);
  // 5 s, 10 s, 20 s … 5 min between them.
  expect(probes).toBeLessThanOrEqual(8);
  expect(attempts.filter(Boolean)).toEqual([]);
  expect([...(outcomes.get("applied")?.values() ?? [])]).toEqual([RECORDS]);
  expect({ open: [...open.values()].filter((each) => each > 0), deadRecords }).toEqual({ open: [], deadRecords: 0 });
  expect(after.hold).toBeNull();
});

function inJobs(claims: readonly Claim[]): Claim[][] {
  return Array.from({ length: Math.ceil(claims.length / 100) }, (_, index) =>
    claims.slice(index * 100, index * 100 + 100),
  );
}
