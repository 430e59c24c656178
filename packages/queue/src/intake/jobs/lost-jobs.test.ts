import { randomUUID } from "node:crypto";
import { expect, inject, onTestFinished, test } from "vitest";
import type { Arrival } from "@sluice/record";
import { connect, waitUntilReady } from "../../connection/connection.ts";
import { openIntakeDoor, type LostJobs } from "../door.ts";
import { webhookOf } from "../intake.fixture.ts";

/** A door of an intake of its own. @param beforeConfirmed called when a job is stored and not yet acknowledged */
async function openDoor(beforeConfirmed: () => Promise<void> = async () => {}) {
  const redis = connect(inject("redisUrl"), "door", () => {});
  await waitUntilReady(redis);
  const tag = `{lost-${randomUUID()}:intake}`;
  const lost: LostJobs[] = [];
  const intake = await openIntakeDoor({
    tag,
    door: "d",
    acknowledgement: {
      redis,
      async confirm(_tag, write) {
        const answer = await write();
        await beforeConfirmed();
        return answer;
      },
    },
    jobsAtOnce: 1,
    assertRoom: () => {},
    onLost: async (told) => void lost.push(told),
    onError: () => {},
  });
  onTestFinished(async () => {
    await intake.close();
    redis.disconnect();
  });
  const waiting = async (): Promise<number> => await redis.llen(`${tag}:webhooks:wait`);
  /** The state is an empty one from now on. */
  const lose = async (): Promise<void> => void (await redis.del(...(await redis.keys(`${tag}*`))));
  return { intake, redis, tag, lost, waiting, lose };
}

test("a job whose sender heard no 2xx is not told as acknowledged when the state goes back; the others are added again", async () => {
  let isConfirmed = true;
  const { intake, waiting, lose, lost } = await openDoor(async () => {
    if (!isConfirmed) throw new Error("no replica has it");
  });
  const add = async (id: string): Promise<Arrival> => await intake.add(webhookOf([id]));
  await add("acknowledged");
  isConfirmed = false;
  await expect(add("refused")).rejects.toMatchObject({ code: "queue_unavailable" });
  expect(await waiting()).toBe(2);

  // A state from before both.
  await lose();
  isConfirmed = true;
  await intake.compare();
  await expect.poll(waiting).toBe(1);
  expect(lost).toEqual([{ addedAgain: 1, notHeld: 0 }]);
});

test("a job that was stored before the state went back and is confirmed after it is not acknowledged", async () => {
  let beforeConfirmed = async (): Promise<void> => {};
  const { intake, waiting, lose } = await openDoor(async () => await beforeConfirmed());
  beforeConfirmed = async () => {
    await lose();
    await intake.compare();
    beforeConfirmed = async () => {};
  };
  await expect(intake.add(webhookOf(["lost"]))).rejects.toMatchObject({ code: "queue_unavailable" });
  await intake.add(webhookOf(["after"]));
  expect(await waiting()).toBe(1);
});

test("a job whose number a state knows without the job itself is added again, though a later one is known", async () => {
  const { intake, redis, tag, waiting } = await openDoor();
  for (const id of ["first", "second", "third"]) await intake.add(webhookOf([id]));
  const jobs = await redis.lrange(`${tag}:webhooks:wait`, 0, -1);

  // Two jobs were under way at once: the state ends with both numbers and the second's job.
  const [number, , at] = (await redis.hget(`${tag}:doors`, "d"))!.split(" ");
  await redis.hset(`${tag}:doors`, "d", `${number} 2 ${at}`);
  await redis.ltrim(`${tag}:webhooks:wait`, 1, 1);
  await intake.compare();
  await expect.poll(waiting).toBe(jobs.length + 1);
});

test("a state that goes back again and again while jobs are added again makes no more of them", async () => {
  const { intake, waiting, lose } = await openDoor();
  for (let id = 0; id < 50; id += 1) await intake.add(webhookOf([String(id)]));
  for (let loss = 1; loss <= 4; loss += 1) {
    await lose();
    await intake.compare();
    await expect.poll(waiting).toBe(50);
  }
});
