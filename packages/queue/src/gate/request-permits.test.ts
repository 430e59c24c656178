import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { run } from "../connection/connection.ts";
import { createRequestPermits, type RequestPermits } from "./request-permits.ts";
import { openStillLane, stillRedis } from "../still-clock.fixture.ts";

const redis = stillRedis(inject("redisUrl"));
// Workers keep their permits when a test says so: its clock stands still, and one that died keeps none.
beforeAll(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterAll(() => {
  vi.useRealTimers();
  redis.disconnect();
});

const PERMITS = 5;
const KEEP_MS = 30_000;
const WORKERS = 3;

type Worker = { readonly permits: RequestPermits; readonly held: string[] };

/** Three workers on one lane, whose clock the test sets. */
async function openWorkers() {
  const still = await openStillLane(redis);
  const open = (): Worker => {
    const onError = (error: Error): never => expect.fail(error.message);
    return {
      permits: createRequestPermits(redis, still.tag, { permits: PERMITS, keepMs: KEEP_MS, onError }),
      held: [],
    };
  };
  const out = async (): Promise<readonly string[]> => await redis.zrange(`${still.tag}:requests`, "0", "-1");
  return { still, open, out, workers: Array.from({ length: WORKERS }, open) };
}

const worker = fc.nat(WORKERS - 1);
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("take" as const), by: worker, count: fc.nat(8) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant("give" as const), by: worker, count: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("die" as const), by: worker, count: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("pass" as const), by: worker, count: fc.nat(KEEP_MS - 1) }) },
);

test("whatever three workers take, give back and leave behind when they die, no more permits are out than there are, and none is lost", async () => {
  const history = fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
    const { still, open, out, workers } = await openWorkers();
    const left = new Set<string>();
    for (const { what, by, count } of acts) {
      const own = workers[by]!;
      switch (what) {
        case "take":
          own.held.push(...(await own.permits.take(count)));
          break;
        case "give":
          own.permits.giveBack(own.held.splice(0, count));
          break;
        case "die":
          for (const name of own.held.splice(0)) left.add(name);
          workers[by] = open();
          break;
        case "pass":
          await still.passTime(count);
          for (const each of workers) await each.permits.keep();
      }
      const held = workers.flatMap((each) => each.held);
      const now = await out();
      expect(now.length).toBeLessThanOrEqual(PERMITS);
      // Each that a living worker has is its own, beside those of the dead.
      expect(held.filter((name) => !now.includes(name))).toEqual([]);
      expect(held.filter((name) => left.has(name))).toEqual([]);
    }
    for (const each of workers) await each.permits.close();
    await still.passTime(KEEP_MS);
    expect(await open().permits.take(PERMITS + 3)).toHaveLength(PERMITS);
  });
  await fc.assert(history, { numRuns: 60 });
});

test("a worker that was away for too long has lost its permits, and takes no other's", async () => {
  const { still, workers, out } = await openWorkers();
  const [away, other] = workers;
  const lost = await away!.permits.take(PERMITS);
  await still.passTime(KEEP_MS);
  const taken = await other!.permits.take(PERMITS);
  expect(taken).toHaveLength(PERMITS);
  await away!.permits.keep();
  expect(await out()).toHaveLength(PERMITS);
  away!.permits.giveBack(lost);
  expect(await away!.permits.take(1)).toEqual([]);
  expect(new Set(await out())).toEqual(new Set(taken));
});

test("an answer that was lost costs no permit: the command that is sent again takes the same ones", async () => {
  const { still, open, out } = await openWorkers();
  const command = [PERMITS, KEEP_MS, 0, 0, "a", "b", "c", "d"];
  for (let time = 0; time < 2; time += 1) {
    expect(await run(redis, "sluice_requests", still.tag, command)).toBe(4);
    expect(await out()).toHaveLength(4);
  }
  expect(await open().permits.take(3)).toHaveLength(1);
});
