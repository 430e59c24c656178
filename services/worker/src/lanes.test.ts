import { expect } from "vitest";
import { names, test } from "./worker.fixture.ts";

/** Several workers at a destination whose records are spread over four lanes: the destination is one to all of them. */

test("after a hold one request of the whole fleet tries, then two, then four, whichever lanes the records are in", async ({
  at,
}) => {
  let flying = 0;
  let answered = 0;
  const most = new Map<number, number>();
  at.answer = (request, response) => {
    flying += 1;
    // The probe, the two and the four behind it.
    const step = answered === 0 ? 1 : answered < 3 ? 2 : answered < 7 ? 4 : 8;
    most.set(step, Math.max(most.get(step) ?? 0, flying));
    setTimeout(() => {
      flying -= 1;
      answered += 1;
      at.ok(request, response);
    }, 30);
  };
  await Promise.all([at.work({ lanes: 4 }), at.work({ lanes: 4 }), at.work({ lanes: 4 })]);
  await at.admitAtOnce(names(60));
  const { applied, dead, pending } = await at.ended(60);
  expect({ applied, dead, pending }).toEqual({ applied: 60, dead: 0, pending: 0 });
  for (const [step, flew] of most) expect(flew).toBeLessThanOrEqual(step);
  expect(most.get(1)).toBe(1);
});

test("a destination that goes down is held for every lane, one probe at a time, and gets every record in the end", async ({
  at,
}) => {
  let isDown = true;
  let during = 0;
  at.answer = (request, response) => {
    if (!isDown) return at.ok(request, response);
    during += 1;
    response.writeHead(503, { "retry-after": "1" }).end("{}");
  };
  await Promise.all([at.work({ lanes: 4 }), at.work({ lanes: 4 })]);
  await Promise.all(names(40).map(async (record) => await at.admit(record, "v")));
  await expect.poll(async () => (await at.door.lane("crm").numbers()).gate.hold?.reason).toBe("unavailable");
  const { pendingRecords } = await at.door.lane("crm").numbers();
  expect(pendingRecords).toBe(40);
  const before = during;
  await expect.poll(() => during, { timeout: 20_000 }).toBeGreaterThan(before);
  isDown = false;
  const { applied, dead } = await at.ended(40);
  expect({ applied, dead }).toEqual({ applied: 40, dead: 0 });
  // A worker's places, and a probe or two after the first hold.
  expect(during).toBeLessThan(8 + 6);
});
