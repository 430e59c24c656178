import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test as base } from "vitest";
import { spawnDyingWorker } from "./dying-worker.fixture.ts";
import { openIntakePlace, sum, type IntakePlace } from "./intake.fixture.ts";
import { intakeBooks } from "./books/numbers.ts";

type Place = { readonly at: IntakePlace; spawn(): Promise<ChildProcess> };

/** Most of their time these tests wait until a death is believed: the first two do so beside one another. */
// Vitest asks for the pattern.
// oxlint-disable-next-line no-empty-pattern
const test = base.extend("place", async ({}, { onCleanup }): Promise<Place> => {
  const at = openIntakePlace();
  const children: ChildProcess[] = [];
  onCleanup(async () => {
    for (const child of children) child.kill("SIGKILL");
    await at.close();
  });
  return {
    at,
    async spawn() {
      const child = await spawnDyingWorker(at);
      children.push(child);
      return child;
    },
  };
});

test.concurrent("the webhook at which three workers died is a dead letter, and its neighbours are understood", async ({
  place: { at, spawn },
  expect,
}) => {
  const door = await at.open("door");
  await Promise.all(["a", "die", "b"].map(async (id) => await at.store(door, [id])));
  // The first dies at the job, three more at its second webhook.
  for (let deaths = 0; deaths < 4; deaths += 1) {
    const child = await spawn();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  await at.understand();
  const numbers = await at.until(({ jobs }) => jobs.completed === 1);
  const [letter] = await Array.fromAsync(door.intake.letters.all());
  expect(letter).toMatchObject({ reason: { code: "webhook_poison" }, events: [{ source: "erp", id: "die" }] });
  expect(intakeBooks(numbers)).toMatchObject({ balanced: true, events: [{ understood: 3, results: { dead: 1 } }] });
  expect(sum((await door.lane("crm").numbers()).accepted)).toBe(2);
  expect(await at.redis.hlen(`${at.tag}:deaths`)).toBe(0);
  expect(await at.redis.hlen(`${at.tag}:working`)).toBe(0);
});

test.concurrent("a worker whose event loop stands is not taken for dead", async ({ place: { at, spawn }, expect }) => {
  const door = await at.open("door");
  await Promise.all(["a", "stand"].map(async (id) => await at.store(door, [id])));
  await spawn();
  await expect.poll(async () => (await door.intake.numbers()).jobs.active).toBe(1);
  await at.understand();
  const numbers = await at.until(({ jobs }) => jobs.completed === 1);
  expect([numbers.deadLetters, await at.redis.hlen(`${at.tag}:deaths`)]).toEqual([0, 0]);
  expect(intakeBooks(numbers)).toMatchObject({ balanced: true, events: [{ understood: 2 }] });
  expect(sum((await door.lane("crm").numbers()).accepted)).toBe(2);
});

test("what a killed worker had is taken over within ten seconds", async ({ place: { at, spawn }, expect }) => {
  const door = await at.open("door");
  const child = await spawn();
  const hangs = once(child, "message");
  await at.store(door, ["hang"]);
  await hangs;
  await at.understand();
  const killedAt = performance.now();
  child.kill("SIGKILL");
  await at.until(({ jobs }) => jobs.completed === 1);
  expect(performance.now() - killedAt).toBeLessThan(10_000);
});
