import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { connect, waitUntilReady } from "../connection/connection.ts";
import type { Regress } from "./marks.ts";
import { watchState, type StateWatch } from "./state-watch.ts";

const redis = connect(inject("redisUrl"), "worker", (error) => console.error(error));
beforeAll(async () => await waitUntilReady(redis));
afterAll(() => redis.disconnect());

function watch(tag: string, told: Regress[], lanes: ReadonlyMap<string, string> = new Map(), own = 0): StateWatch {
  const opened = watchState({
    redis,
    tag,
    lanes,
    ownToken: () => own,
    onToken: () => {},
    keeper: null,
    onTold: (regress) => void told.push(regress),
    nowMs: () => 0,
    onError: console.error,
  });
  onTestFinished(async () => await opened.close());
  return opened;
}

/** A name that had been given at an earlier loss once passed for one that somebody had just given: nothing was told, and nothing held. */
test("a state that goes back to before it was last told of is told of again, once, and has another name", async () => {
  const tag = `{watch-${randomUUID()}:intake}`;
  const told: Regress[] = [];
  const [first, second] = [watch(tag, told), watch(tag, told)] as const;
  const look = async (): Promise<void> => void (await first.look(), await second.look());
  const arrive = async (arrival: number): Promise<void> => void (await redis.set(`${tag}:arrival`, arrival));
  const lose = async (arrival: number): Promise<void> => {
    await arrive(arrival);
    await look();
  };
  await lose(100);
  await lose(50);
  expect(told).toHaveLength(1);
  const copy = { state: await redis.hgetall(`${tag}:state`), regresses: await redis.hgetall(`${tag}:regresses`) };
  await lose(200);
  await lose(150);
  expect(told).toHaveLength(2);
  const last = first.state;

  await redis.del(`${tag}:state`, `${tag}:regresses`);
  await redis.hset(`${tag}:state`, copy.state);
  await redis.hset(`${tag}:regresses`, copy.regresses);
  // A door has added a job already: by the arrivals nothing is older.
  await lose(300);
  expect(told).toHaveLength(3);
  expect(first.state).toBe(second.state);
  expect([last, copy.state["id"]]).not.toContain(first.state);
});

/** On a cluster the lane is on another server than the intake. One that went back there kept the state's name, where every worker had died. */
test("a lane that went back is told by a process that starts when all that knew its tokens have died, once", async () => {
  const namespace = `watch-${randomUUID()}`;
  const [tag, lane] = [`{${namespace}:intake}`, `{${namespace}:crm}`];
  const lanes = new Map([["crm", lane]]);
  const told: Regress[] = [];
  await redis.hset(`${lane}:gate`, "mark", 100);
  const worker = watch(tag, told, lanes, 170);
  await redis.hset(`${lane}:gate`, "mark", 170);
  await worker.look();
  await worker.close();
  expect(told).toEqual([]);

  const after = watch(tag, told, lanes);
  await after.look();
  expect(told, "nothing went back yet").toEqual([]);
  await after.close();
  await redis.hset(`${lane}:gate`, "mark", 120);
  const [first, second] = [watch(tag, told, lanes), watch(tag, told, lanes)] as const;
  await first.look();
  await second.look();
  await first.look();
  expect(told).toEqual([{ why: "older", arrival: null, tokens: { crm: { known: 170, found: 120 } } }]);
  expect(first.state).toBe(second.state);
});

test("a process that has not heard yet that the state went back tells no tokens under its new name", async () => {
  const namespace = `watch-${randomUUID()}`;
  const [tag, lane] = [`{${namespace}:intake}`, `{${namespace}:crm}`];
  const lanes = new Map([["crm", lane]]);
  const told: Regress[] = [];
  await redis.hset(`${lane}:gate`, "mark", 170);
  const [first, second] = [watch(tag, told, lanes, 170), watch(tag, told, lanes)] as const;
  await second.look();
  await first.look();
  await redis.hset(`${lane}:gate`, "mark", 120);
  await second.look();
  expect(told).toHaveLength(1);
  await first.look();
  await watch(tag, told, lanes).look();
  expect(told).toHaveLength(1);
});
