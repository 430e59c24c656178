import { expect } from "vitest";
import { names, test, type Workplace } from "../worker.fixture.ts";

/** A destination that is away, or hangs, is held, and buries nothing, however little it has to do. */

async function untilHeld(at: Workplace, lane: string, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while ((await at.door.lane(lane).numbers()).gate.hold?.reason !== "breaker") {
    if (performance.now() > end) throw new Error(`no hold within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("one record towards a destination where nobody listens becomes a hold, not a death", async ({ at }) => {
  await at.work({ timeoutMs: 1000, maxAttempts: 1 });
  await at.admit("r", "v", 1n, "down");
  await untilHeld(at, "down", 10_000);
  const { pendingRecords, deadRecords } = await at.door.lane("down").numbers();
  expect({ pendingRecords, deadRecords }).toEqual({ pendingRecords: 1, deadRecords: 0 });
});

test.for<[string, number]>([
  ["few records", 2],
  ["more than may be in flight", 12],
])("a destination that hangs is held within two timeouts: %s", async ([_what, count], { at }) => {
  at.answer = () => {};
  await at.work({ timeoutMs: 2000, maxAttempts: 1 });
  await Promise.all(names(count).map(async (record) => await at.admit(record, "v")));
  while (at.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await untilHeld(at, "crm", 2 * 2000 + 1500);
  const { pendingRecords, deadRecords } = await at.door.lane("crm").numbers();
  expect({ pendingRecords, deadRecords }).toEqual({ pendingRecords: count, deadRecords: 0 });
});
