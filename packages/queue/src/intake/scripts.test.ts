import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { connect } from "../connection/connection.ts";
import { INTAKE_FORMAT } from "../state/state-format.ts";
import { runIntake } from "./scripts.ts";

/** The scripts of the intake one by one, where doors and workers would come to the same state by chance only. */
const redis: Redis = connect(inject("redisUrl"), "worker", () => {});
let tag: string;
beforeEach(() => void (tag = `{scripts-${randomUUID()}:intake}`));
afterAll(() => redis.disconnect());

/** The time of Redis' clock (µs). */
async function clock(): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000_000 + Number(micros);
}

/** Expects a time (µs, or what is left of it in a rougher unit) between an earlier one and now. */
async function expectBetween(earlier: number, micros: number, unit = 1): Promise<void> {
  expect(micros).toBeGreaterThanOrEqual(Math.floor(earlier / unit) * unit);
  expect(micros).toBeLessThanOrEqual(await clock());
}

describe("begin", () => {
  type Begun = readonly [
    format: number,
    nowMicros: number,
    arrival: number,
    session: number,
    bytes: number,
    added: number,
  ];
  async function begin(door: string, own = 0, most = 10, format = INTAKE_FORMAT): Promise<Begun> {
    const answer = (await runIntake(redis, "begin", [tag, format, own, door, most])) as unknown[];
    const [kept, seconds, micros, ...rest] = answer.map(Number);
    return [kept, seconds! * 1_000_000 + micros!, ...rest] as unknown as Begun;
  }
  const sessionOf = async (...of: Parameters<typeof begin>): Promise<number> => (await begin(...of))[3];

  test("an empty intake begins with nothing, and each door gets the next number", async () => {
    const before = await clock();
    const [format, nowMicros, ...rest] = await begin("a");
    expect([format, ...rest]).toEqual([INTAKE_FORMAT, 0, 1, 0, 0]);
    await expectBetween(before, nowMicros);
    expect(await sessionOf("b")).toBe(2);
    expect(await redis.get(`${tag}:sessions`)).toBe("2");
    expect(await redis.get(`${tag}:format`)).toBe(String(INTAKE_FORMAT));
  });

  test("a door that comes again keeps its number and is told its last job, all bytes and the highest arrival", async () => {
    await begin("a");
    await begin("b");
    await runIntake(redis, "raise", [tag, 5_000_000_000_000_000, 70, 2, "a", 1, 9]);
    const before = await clock();
    expect((await begin("a", 1)).slice(2)).toEqual([5_000_000_000_000_000, 1, 70, 9]);
    expect(await redis.get(`${tag}:sessions`)).toBe("2");
    const [session, added, at] = (await redis.hget(`${tag}:doors`, "a"))!.split(" ");
    expect([session, added]).toEqual(["1", "9"]);
    await expectBetween(before, Number(at) * 1000, 1000);
  });

  test("a door whose number another one was given in a state that went back gets one that nobody ever had", async () => {
    await redis.hset(`${tag}:doors`, { a: "3 8 1000", other: "3 2 2000", third: "7 1 3000" });
    await redis.set(`${tag}:sessions`, 4);
    expect(await sessionOf("a", 3)).toBe(8);
    expect(await redis.get(`${tag}:sessions`)).toBe("8");
    expect((await redis.hget(`${tag}:doors`, "a"))!.split(" ").slice(0, 2)).toEqual(["8", "8"]);
    // The number of a door that is unknown here counts too: the next door gets another.
    expect(await sessionOf("unknown", 20)).toBe(20);
    expect(await sessionOf("next")).toBe(21);
  });

  test("a worker is no door: it is told the numbers, and is not remembered", async () => {
    await runIntake(redis, "raise", [tag, 12, 70, 2, "a", 1, 9]);
    expect((await begin("", 5)).slice(2)).toEqual([12, 5, 70, 0]);
    expect(await redis.hkeys(`${tag}:doors`)).toEqual(["a"]);
  });

  test("of more doors than are remembered the one that was not heard of for longest is forgotten, and never the one that asks", async () => {
    await redis.hset(`${tag}:doors`, { a: "1 0 1000", b: "2 0 500", c: "3 0 2000" });
    await begin("c", 3, 3);
    expect((await redis.hkeys(`${tag}:doors`)).toSorted()).toEqual(["a", "b", "c"]);
    await begin("c", 3, 2);
    expect((await redis.hkeys(`${tag}:doors`)).toSorted()).toEqual(["a", "c"]);
    await redis.hset(`${tag}:doors`, { a: "1 0 1000", c: "3 0 1" });
    await begin("c", 3, 1);
    expect(await redis.hkeys(`${tag}:doors`)).toEqual(["c"]);
  });

  test("state of a newer format is told and left alone", async () => {
    await redis.set(`${tag}:format`, INTAKE_FORMAT + 1);
    expect((await begin("a"))[0]).toBe(INTAKE_FORMAT + 1);
    expect(await redis.get(`${tag}:format`)).toBe(String(INTAKE_FORMAT + 1));
    expect(await redis.exists(`${tag}:doors`, `${tag}:sessions`)).toBe(0);
  });
});

describe("raise", () => {
  const raise = async (arrival: number, job: number, door = "a"): Promise<unknown[]> =>
    (await runIntake(redis, "raise", [tag, arrival, 70, 2, door, 4, job])) as unknown[];

  test("the highest arrival never sinks, a door's last job neither, and what waits is added up", async () => {
    const earlier = await clock();
    const [highest, bytes, seconds, micros, before] = await raise(2000, 1);
    expect([highest, bytes, before]).toEqual(["2000", 70, 0]);
    await expectBetween(earlier, Number(seconds) * 1_000_000 + Number(micros));
    expect((await raise(1000, 3)).toSpliced(2, 2)).toEqual(["2000", 140, 1]);
    expect((await raise(3000, 2)).toSpliced(2, 2)).toEqual(["3000", 210, 3]);
    expect((await raise(2999, 5, "b")).toSpliced(2, 2)).toEqual(["3000", 280, 0]);
    expect(await redis.mget(`${tag}:arrival`, `${tag}:bytes`, `${tag}:webhooks`)).toEqual(["3000", "280", "8"]);
    const [session, job, at] = (await redis.hget(`${tag}:doors`, "a"))!.split(" ");
    expect([session, job]).toEqual(["4", "3"]);
    await expectBetween(earlier, Number(at) * 1000, 1000);
  });
});

describe("book", () => {
  type Letter = readonly [id: string, text: string, sources: string];
  type Books = {
    readonly job: string;
    readonly bytes: number;
    readonly webhooks: number;
    readonly letters: readonly Letter[];
    readonly type: string;
    readonly mostTypes: number;
  };
  async function book(
    { job = "7", bytes = 0, webhooks = 1, letters = [], type = "t", mostTypes = 100 }: Partial<Books>,
    most = 2,
  ): Promise<unknown> {
    const counts = ["understood:erp", 2, "made:erp", 1, "ignored:erp", 1];
    const types = [`${tag}:types:1:erp`, type, 1, 0, 1, 0];
    const lists = [letters.length, ...letters.flat(), 3, ...counts, 99, mostTypes, 3_600_000, 1, ...types];
    return await runIntake(redis, "book", [tag, `${tag}:webhooks:${job}`, job, bytes, webhooks, most, ...lists]);
  }
  const waits = async (...jobs: string[]): Promise<void> => {
    for (const job of jobs) await redis.hset(`${tag}:webhooks:${job}`, "name", "webhooks");
  };
  const books = async (): Promise<unknown> => await redis.hgetall(`${tag}:books`);

  test("a job is booked once, waits no more, and nothing is remembered of who had it and who died at it", async () => {
    await waits("7");
    await redis.mset(`${tag}:bytes`, 100, `${tag}:webhooks`, 5);
    await redis.hset(`${tag}:working`, { 7: "1:0", 8: "1:0" });
    const deaths = ["7:-2", "7:-1", "7:0", "7:2"];
    await redis.hset(`${tag}:deaths`, Object.fromEntries([...deaths, "7:3", "8:0"].map((place) => [place, "1"])));
    const booked = { understood: 2, made: 1, ignored: 1 };
    const expected = Object.fromEntries(Object.entries(booked).map(([name, by]) => [`${name}:erp`, String(by)]));
    for (const word of ["booked", "before"]) {
      expect(await book({ bytes: 40, webhooks: 3 })).toBe(word);
      expect(await redis.mget(`${tag}:bytes`, `${tag}:webhooks`)).toEqual(["60", "2"]);
      expect(await books()).toEqual(expected);
      expect(await redis.hgetall(`${tag}:types:1:erp`)).toEqual({ t: "1 0 1 0 99" });
    }
    expect(await redis.hkeys(`${tag}:working`)).toEqual(["8"]);
    expect((await redis.hkeys(`${tag}:deaths`)).toSorted()).toEqual(["7:3", "8:0"]);
    expect(await redis.pttl(`${tag}:types:1:erp`)).toBeGreaterThan(1_800_000);
  });

  test("a job that was booked, completed and removed is not booked again", async () => {
    expect(await book({})).toBe("gone");
    expect(await redis.keys(`${tag}*`)).toEqual([]);
  });

  test("what waits never sinks below nothing: a beat may have taken it off before", async () => {
    await waits("7");
    await redis.set(`${tag}:bytes`, 39);
    expect(await book({ bytes: 40 })).toBe("booked");
    expect(await redis.mget(`${tag}:bytes`, `${tag}:webhooks`)).toEqual(["0", "0"]);
  });

  test("unreadable jobs wait once as many of their letters are kept as may be; a letter of a source is always kept", async () => {
    const nameless = (job: string): Letter => [job, `{"of":"${job}"}`, ""];
    await waits("1", "2", "3", "4");
    expect(await book({ job: "1", letters: [nameless("1")] })).toBe("booked");
    // Two more would be one too many.
    expect(await book({ job: "2", letters: [nameless("2"), nameless("2b")] })).toBe("full");
    expect(await redis.hexists(`${tag}:webhooks:2`, "booked")).toBe(0);
    expect(await redis.hget(`${tag}:books`, "understood:erp")).toBe("2");
    expect(await book({ job: "3", letters: [nameless("3")] })).toBe("booked");
    const earlier = await clock();
    expect(
      await book({
        job: "4",
        letters: [
          ["a", "A", "erp"],
          ["b", "B", "erp"],
        ],
      }),
    ).toBe("booked");
    expect(await redis.hgetall(`${tag}:dead`)).toEqual({ 1: `{"of":"1"}`, 3: `{"of":"3"}`, a: "A", b: "B" });
    const [, first, , second] = await redis.zrange(`${tag}:letters:erp`, "0", "-1", "WITHSCORES");
    expect(Number(second) - Number(first)).toBe(1);
    await expectBetween(earlier, Number(first));
  });

  test("a type that is known has its own count still where there is room for no other", async () => {
    await waits("1", "2", "3", "4");
    for (const [job, type] of Object.entries({ 1: "t", 2: "u", 3: "v", 4: "t" }))
      expect(await book({ job, type, mostTypes: 1 })).toBe("booked");
    expect(await redis.hgetall(`${tag}:types:1:erp`)).toEqual({ t: "2 0 2 0 99", other: "2 0 2 0 99" });
  });
});
