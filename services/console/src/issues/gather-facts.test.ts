import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { groupsOf } from "../dead-letters/dead-letter-groups.ts";
import { indexed } from "../dead-letters/dead-letter-row.ts";
import { letterOf } from "../dead-letters/dead-letter.fixture.ts";
import type { FleetSnapshot } from "../now/fleet-watch.ts";
import { rememberGroups } from "./gather-facts.ts";

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

const letter = (id: string) => indexed(letterOf(id));

const looked = (deadRecords: number) => {
  return { lanes: new Map([["crm", { deadRecords }]]), intake: { deadLetters: 0 } } as unknown as FleetSnapshot;
};

test("a list of letters that is older than their number is read again at the next look, and one that is not stays", async () => {
  let listed = ["a", "b"];
  let readings = 0;
  const groups = rememberGroups({
    async groups() {
      readings += 1;
      return { groups: groupsOf(listed.map(letter)), letters: listed.length, unreached: 0 };
    },
  });
  const counted = async (dead: number): Promise<number | undefined> => {
    now += 2000;
    return (await groups(looked(dead)))[0]?.count;
  };
  expect(await counted(2)).toBe(2);
  expect(await counted(2)).toBe(2);
  expect(readings).toBe(1);
  // A third one came in just after the list was made.
  expect(await counted(3)).toBe(2);
  listed = ["a", "b", "c"];
  expect(await counted(3)).toBe(3);
  expect(await counted(3)).toBe(3);
  expect(readings).toBe(3);
});

test("a list that never comes to the number of letters takes a twentieth of the time, and is read again after that", async () => {
  let readings = 0;
  const groups = rememberGroups({
    async groups() {
      readings += 1;
      now += 300;
      return { groups: groupsOf([letter("a")]), letters: 1, unreached: 0 };
    },
  });
  for (; now < 60_000; now += 2000) await groups(looked(200_000));
  expect(readings).toBeLessThanOrEqual(10);
  expect(readings).toBeGreaterThanOrEqual(8);
});
