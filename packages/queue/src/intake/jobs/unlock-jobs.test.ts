import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { spawnDyingWorker } from "../dying-worker.fixture.ts";
import { openIntakePlace, type IntakePlace } from "../intake.fixture.ts";
import { readPlainly } from "../plain-reading.fixture.ts";

let place: IntakePlace;
beforeEach(() => {
  place = openIntakePlace();
});
afterEach(async () => await place.close());

test("a worker whose Redis is its own takes over the jobs of its killed predecessor, however long their locks would stand", async () => {
  const door = await place.open("door");
  await door.intake.use({ erp: "d" });
  const predecessor = await spawnDyingWorker(place);
  const hangs = once(predecessor, "message");
  await place.store(door, ["hang"]);
  expect(await hangs).toContain("hangs");
  predecessor.kill("SIGKILL");
  await once(predecessor, "exit");
  const [lock] = await place.redis.keys(`${place.tag}:webhooks:*:lock`);
  await place.redis.pexpire(lock!, 3_600_000);

  const marksKeeper = { read: () => null, keep: () => {} };
  const worker = await place.open("worker", { marksKeeper });
  const understander = { digests: () => ({ erp: "d" }), read: readPlainly };
  const options = { understander, unknownSourceAfterMs: 3_600_000, nowMs: () => Date.now() };
  const understanding = await worker.intake.understand(options);
  await place.until(({ jobs }) => jobs.completed === 1);
  await understanding.close();
});
