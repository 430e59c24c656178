import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LEADER_TERM_MS } from "../limits.ts";
import { createLeadership, type Leadership } from "./leadership.ts";

/** A role as Redis keeps it: until when it is whose. */
const role = { holder: "", untilMs: 0, isAway: false, asked: 0 };
const all: Leadership[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"], now: 0 });
  Object.assign(role, { holder: "", untilMs: 0, isAway: false, asked: 0 });
});
afterEach(() => {
  for (const each of all.splice(0)) each.close();
  vi.useRealTimers();
});

function candidate(name: string): Leadership {
  const stand = async (): Promise<boolean> => {
    role.asked += 1;
    await Promise.resolve();
    if (role.isAway) throw new Error("no answer");
    if (role.holder !== name && Date.now() < role.untilMs) return false;
    Object.assign(role, { holder: name, untilMs: Date.now() + LEADER_TERM_MS });
    return true;
  };
  const one = createLeadership({ stand, nowMs: () => Date.now() });
  all.push(one);
  return one;
}

const pass = async (seconds: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(seconds * 1000));

test("who is scraped twice a minute keeps the role between two scrapes", async () => {
  const [first, second] = [candidate("first"), candidate("second")];
  const shown: boolean[] = [];
  for (let scrape = 0; scrape < 10; scrape += 1) {
    shown.push(await first.isLeader());
    await pass(15);
    expect(await second.isLeader()).toBe(false);
    await pass(15);
  }
  expect(shown).toEqual(Array.from({ length: 10 }, () => true));
});

test("who was killed is followed within ten seconds", async () => {
  const [killed, other] = [candidate("killed"), candidate("other")];
  expect(await killed.isLeader()).toBe(true);
  await pass(20);
  expect(await other.isLeader()).toBe(false);
  killed.close();
  await pass(9);
  expect(await other.isLeader()).toBe(true);
});

test("a holder whose scrapes stopped lets the role go, and leaves Redis alone", async () => {
  const [unseen, other] = [candidate("unseen"), candidate("other")];
  expect(await unseen.isLeader()).toBe(true);
  await pass(30);
  expect(await other.isLeader()).toBe(false);
  await pass(15);
  expect(await other.isLeader()).toBe(true);
  other.close();
  const { asked } = role;
  await pass(3600);
  expect(role.asked).toBe(asked);
});

test("a Redis that is away for a while changes nothing in whose the role is", async () => {
  const [holder, other] = [candidate("holder"), candidate("other")];
  expect(await holder.isLeader()).toBe(true);
  role.isAway = true;
  await pass(30);
  await expect(other.isLeader()).rejects.toThrow("no answer");
  role.isAway = false;
  await pass(2);
  expect(await other.isLeader()).toBe(false);
  expect(role.holder).toBe("holder");
});

test("who lost the role asks for it no more until its numbers are wanted again", async () => {
  const [slow, other] = [candidate("slow"), candidate("other")];
  expect(await slow.isLeader()).toBe(true);
  Object.assign(role, { holder: "other", untilMs: Date.now() + LEADER_TERM_MS });
  await pass(2);
  const { asked } = role;
  await pass(20);
  expect(role.asked).toBe(asked);
  expect(await other.isLeader()).toBe(true);
  expect(await slow.isLeader()).toBe(false);
});

test("all metrics of a scrape share one question", async () => {
  const one = candidate("a");
  expect(await Promise.all([one.isLeader(), one.isLeader(), one.isLeader()])).toEqual([true, true, true]);
  expect(role.asked).toBe(1);
});
