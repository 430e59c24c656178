import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { decodeJob } from "./jobs/job-data.ts";
import { intakeBooks } from "./books/numbers.ts";
import { openIntakePlace, sum, webhookOf, type IntakePlace } from "./intake.fixture.ts";
import { readPlainly } from "./plain-reading.fixture.ts";
import { LIVE_JOBS } from "../limits.ts";
import { NotUnderstoodError } from "./not-understood.ts";

let at: IntakePlace;
beforeEach(() => (at = openIntakePlace()));
afterEach(async () => await at.close());

const ids = (count: number, prefix = "e"): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

test("webhooks that come in together are one job, and one that comes in alone waits for nobody", async () => {
  const door = await at.open("door");
  await at.store(door, ["alone"]);
  await Promise.all(ids(40).map(async (id) => await at.store(door, [id])));
  const { jobs, waitingWebhooks } = await door.intake.numbers();
  expect(jobs.added).toBeLessThanOrEqual(3);
  expect(waitingWebhooks).toBe(41);
});

test("a webhook that comes in while a reload gets its number is stored with it, and not refused", async () => {
  const door = await at.open("door");
  await door.intake.use({ erp: "old" });
  const using = door.intake.use({ erp: "new" });
  await at.store(door, ["meanwhile"]);
  await using;
  await at.store(door, ["after"]);
  const numbers = await Promise.all(
    ["1", "2"].map(async (id) => {
      const data = await at.redis.hget(`${at.tag}:webhooks:${id}`, "data");
      return (await decodeJob(JSON.parse(data!))).configuration;
    }),
  );
  expect(numbers[0]).toBe(numbers[1]);
});

test("a job has 1,000 events at most, and a body above a megabyte goes alone, by another queue", async () => {
  const door = await at.open("door");
  const big = { method: "POST", url: "", path: "", query: "", headers: [], body: "x".repeat(1024 * 1024 + 1) };
  await Promise.all([
    ...ids(5).map(async (name) => await at.store(door, ids(400, name))),
    at.store(door, ["big"], { kept: big }),
  ]);
  const lengths = await Promise.all(
    ["webhooks", "large"].map(async (name) => await at.redis.llen(`${at.tag}:${name}:wait`)),
  );
  expect(lengths).toEqual([3, 1]);
});

test("what waits is counted in bytes as Redis holds it, and is nothing once it is understood", async () => {
  const door = await at.open("door");
  await Promise.all(ids(30).map(async (id) => await at.store(door, [id])));
  const data = await at.redis.hget(`${at.tag}:webhooks:1`, "data");
  expect((await door.intake.numbers()).waitingBytes).toBeGreaterThanOrEqual(data!.length - 2);
  await at.understand();
  const numbers = await at.until(({ jobs }) => jobs.completed === jobs.added);
  expect([numbers.waitingWebhooks, numbers.waitingBytes, numbers.oldestMs]).toEqual([0, 0, null]);
  expect(intakeBooks(numbers)).toMatchObject({
    balanced: true,
    events: [{ source: "erp", understood: 30, results: { made: 30, duplicate: 0, ignored: 0, dead: 0 } }],
  });
});

test("arrivals of doors that know nothing of one another are all different, and those of a new door are newer", async () => {
  const doors = await Promise.all([at.open("door"), at.open("door")]);
  const given = await Promise.all(doors.flatMap((door) => ids(50).map(async (id) => await at.store(door, [id]))));
  expect(new Set(given.map(({ micros, session }) => `${micros} ${session}`)).size).toBe(100);
  const ahead = Date.now() * 1000 + 60_000_000;
  await at.redis.set(`${at.tag}:arrival`, ahead);
  expect((await at.store(await at.open("door"), ["later"])).micros).toBeGreaterThan(ahead);
});

test("a door that reconnects to an older state goes on after what it gave before", async () => {
  // Its connections are known by their user: other tests have connections to the same Redis.
  const user = `door-${randomUUID()}`;
  await at.redis.acl("SETUSER", user, "on", ">hush", "~*", "&*", "+@all");
  const redisUrl = Object.assign(new URL(inject("redisUrl")), { username: user, password: "hush" }).href;
  const door = await at.open("door", { redisUrl });
  const ahead = Date.now() * 1000 + 60_000_000;
  await at.redis.set(`${at.tag}:arrival`, ahead);
  // The door gives an arrival before it hears of the others' once more.
  await at.store(door, ["before"]);
  const given = await at.store(door, ["before too"]);
  expect(given.micros).toBeGreaterThan(ahead);
  await at.redis.del(`${at.tag}:arrival`, `${at.tag}:sessions`);
  expect(await at.redis.client("KILL", "USER", user)).toBeGreaterThan(0);
  const stored = await vi.waitFor(async () => await at.store(door, ["after"]), { timeout: 10_000 });
  expect(stored.micros).toBeGreaterThan(given.micros);
  expect(stored.session).toBe(given.session);
  await at.redis.acl("DELUSER", user);
});

test("a job that can't be read is set aside with its data, and the others are understood", async () => {
  const door = await at.open("door");
  await at.store(door, ["good"]);
  await at.store(door, ["damaged"]);
  await at.store(door, ["newer"]);
  await at.redis.hset(`${at.tag}:webhooks:2`, "data", '{"v":1,"w":[');
  await at.redis.hset(`${at.tag}:webhooks:3`, "data", '{"v":9}');
  await at.understand();
  const numbers = await at.until(({ jobs }) => jobs.completed === 3);
  expect([numbers.unreadableJobs, numbers.deadLetters, sum(numbers.understood)]).toEqual([2, 2, 1]);
  const letters = await Array.fromAsync(door.intake.letters.all());
  expect(letters.map(({ event }) => event as string).toSorted((a, b) => a.length - b.length)).toEqual([
    '{"v":9}',
    '{"v":1,"w":[',
  ]);
  expect(letters.every(({ reason }) => reason.code === "job_unreadable")).toBe(true);
});

test("a webhook that can't be understood is a dead letter that can be replayed, and its neighbours are untouched", async () => {
  const door = await at.open("door");
  let mended = false;
  await Promise.all(["a", "slow", "b"].map(async (id) => await at.store(door, [id])));
  await at.understand({
    read: async (webhook) => {
      if (webhook.ids[0] !== "slow" || mended) return await readPlainly(webhook);
      throw new NotUnderstoodError({ code: "webhook_slow", message: "it took too long" });
    },
  });
  const numbers = await at.until(({ understood }) => sum(understood) === 3);
  expect(sum(numbers.results.get("made"))).toBe(2);
  const [letter] = await Array.fromAsync(door.intake.letters.all());
  expect(letter).toMatchObject({ destination: "intake", object: "erp", reason: { code: "webhook_slow" } });
  mended = true;
  expect(await door.intake.letters.replay(letter!)).toBe("replayed");
  const after = await at.until(({ results }) => sum(results.get("made")) === 3);
  expect([after.deadLetters, sum(after.understood)]).toEqual([0, 4]);
});

test("a webhook waits for a worker that has its configuration; when its time is over it is a dead letter", async () => {
  const door = await at.open("door");
  await door.intake.use({ erp: "d", shop: "s" });
  await Promise.all([at.store(door, ["e"]), at.store(door, ["s"], { source: "shop" })]);
  // An older worker: it knows one of the sources.
  const older = await at.understand({ digests: () => ({ erp: "d" }) });
  await at.until(({ jobs }) => jobs.delayed === 1);
  // The webhook beside it in the job does not wait.
  expect(sum((await door.lane("crm").numbers()).accepted)).toBe(1);
  await at.understand({ digests: () => ({ erp: "d", shop: "s" }) });
  const numbers = await at.until(({ jobs }) => jobs.completed === 1);
  expect(sum(numbers.understood)).toBe(2);
  await older.close();
});

test("a door knows whether living workers understand each of its sources, whichever way configurations went", async () => {
  const door = await at.open("door");
  const isUnderstood = async (): Promise<boolean> => await door.intake.isUnderstood();
  await door.intake.use({ erp: "d", shop: "s" });
  expect(await isUnderstood()).toBe(false);
  let digests: Record<string, string> = { erp: "d", shop: "s" };
  const worker = await at.understand({ digests: () => digests });
  expect(await isUnderstood()).toBe(true);
  // A file with fewer sources is new, and the worker means the same by those that are left.
  await door.intake.use({ erp: "d" });
  expect(await isUnderstood()).toBe(true);
  // A door whose source means something else waits for a worker that has it.
  await door.intake.use({ erp: "d", shop: "other" });
  expect(await isUnderstood()).toBe(false);
  // Back to the first file.
  await door.intake.use({ erp: "d", shop: "s" });
  expect(await isUnderstood()).toBe(true);
  // A worker's newer file that lacks a source understands nothing of it, one that has it does.
  await worker.close();
  digests = { erp: "new" };
  const other = await at.understand({ digests: () => digests });
  expect(await isUnderstood()).toBe(false);
  await other.close();
  digests = { erp: "new", shop: "new" };
  await at.understand({ digests: () => digests });
  expect(await isUnderstood()).toBe(true);
});

test("a replay gives way within a webhook, for as long as a live one waits", async () => {
  const door = await at.open("door");
  await at.store(door, ["old"]);
  const order: string[] = [];
  const held = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  await at.understand({
    read: async (webhook, giveWay) => {
      const [id = ""] = webhook.ids;
      if (id !== "old") {
        order.push(id);
        await held.promise;
      } else if (webhook.run === 0) {
        throw new NotUnderstoodError({ code: "webhook_slow", message: "it took too long" });
      } else {
        order.push("a piece");
        first.resolve();
        await resumed.promise;
        await giveWay();
        order.push("the next piece");
      }
      return await readPlainly(webhook);
    },
  });
  await at.until(({ deadLetters }) => deadLetters === 1);
  const [letter] = await Array.fromAsync(door.intake.letters.all());
  await door.intake.letters.replay(letter!);
  await first.promise;
  // As many as are worked on at once, and one that waits.
  for (const id of ids(LIVE_JOBS + 1)) await at.store(door, [id]);
  await at.until(({ jobs }) => jobs.active === LIVE_JOBS + 1 && jobs.waiting === 1);
  resumed.resolve();
  await door.intake.numbers();
  const meanwhile = [...order];
  held.resolve();
  expect(meanwhile).toEqual(["a piece", ...ids(LIVE_JOBS)]);
  await at.until(({ jobs }) => jobs.completed === jobs.added);
  expect(order).toHaveLength(LIVE_JOBS + 3);
});

test("a source that no worker ever knows is a dead letter after `unknown_source_after`", async () => {
  const door = await at.open("door");
  await door.intake.use({ shop: "s" });
  await at.store(door, ["s"], { source: "shop" });
  await at.understand({
    unknownSourceAfterMs: 1,
    digests: () => ({}),
    read: async () => {
      throw new NotUnderstoodError({ code: "source_unknown", message: "no such source" });
    },
  });
  await at.until(({ deadLetters }) => deadLetters === 1);
  const [letter] = await Array.fromAsync(door.intake.letters.all());
  expect(letter).toMatchObject({ reason: { code: "source_unknown" }, events: [{ source: "shop", id: "s" }] });
});

test("a job whose merge was done and whose booking was not is booked once, and changes nothing again", async () => {
  const door = await at.open("door");
  const webhooks = ids(20).map((id) => webhookOf([id]));
  await Promise.all(webhooks.map(async (webhook) => await door.intake.add(webhook)));
  const died = await at.open("worker");
  for (const webhook of webhooks) await died.merging.merge(await readPlainly(webhook));
  await at.understand();
  const numbers = await at.until(({ jobs }) => jobs.completed === jobs.added);
  expect(intakeBooks(numbers).balanced).toBe(true);
  expect(sum(numbers.understood)).toBe(20);
  expect(sum((await door.lane("crm").numbers()).accepted)).toBe(20);
});

test("whoever waits is told what became of each event, and one whom nobody tells is told nothing", async () => {
  const door = await at.open("door");
  const expected = (await door.intake.webhookResults.expect(20_000))!;
  await at.store(door, ["a", "b", "a"], { wait: expected.number });
  const late = (await door.intake.webhookResults.expect(50))!;
  expect(await late.told).toBeNull();
  await at.understand();
  expect(await expected.told).toEqual(["accepted", "accepted", "duplicate"]);
});

test("at most a hundred wait at one door", async () => {
  const door = await at.open("door");
  const all = await Promise.all(ids(101).map(async () => await door.intake.webhookResults.expect(100)));
  expect(all.filter((each) => each === undefined)).toHaveLength(1);
  await Promise.all(all.map(async (each) => await each?.told));
});

test("the door closes while more waits than an eighth of the budget, and says when to come back", async () => {
  const door = await at.open("door", { memoryBudget: { bytes: 2 ** 30 } });
  await at.store(door, ["a"]);
  await at.redis.incrby(`${at.tag}:bytes`, 2 ** 27);
  await at.store(door, ["b"]);
  await expect(at.store(door, ["c"])).rejects.toMatchObject({ code: "queue_unavailable", retryAfterSeconds: 30 });
});

test("a budget that leaves understanding no room is refused at the start", async () => {
  await expect(at.open("door", { memoryBudget: { share: 0.95 } })).rejects.toMatchObject({
    code: "redis_budget_too_large",
  });
});

test("state of a newer format is left alone", async () => {
  await at.redis.set(`${at.tag}:format`, "2");
  await expect(at.open("door")).rejects.toMatchObject({ code: "state_format_newer" });
  const worker = await at.open("worker").catch((error: unknown) => error);
  expect(worker).not.toBeInstanceOf(Error);
  await expect(at.understand()).rejects.toMatchObject({ code: "state_format_newer" });
});
