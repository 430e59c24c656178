import fc from "fast-check";
import type { Claim } from "@sluice/queue";
import { expect, test } from "vitest";
import type { ClaimedWrite } from "./write.ts";
import { plan } from "./plan.ts";

/** A write whose id says which group it belongs to; `-`: it goes alone. */
const write = (id: string): ClaimedWrite => ({ effect: "fields", claim: { id } as Claim });
const groupOf = ({ claim }: ClaimedWrite): string | null => (claim.id.startsWith("-") ? null : claim.id.slice(0, 1));
const shown = (sends: readonly (readonly ClaimedWrite[])[]): string[] =>
  sends.map((writes) => `${writes.length === 1 ? "single" : "job"} ${writes.map(({ claim }) => claim.id).join(" ")}`);

test.each([
  ["nothing", [], 8, [], []],
  ["a request for each: nobody waits for anybody", ["a1", "a2"], 2, ["single a1", "single a2"], []],
  ["more: what can share a job does", ["a1", "b1", "a2", "b2"], 3, ["job a1 a2", "job b1 b2"], []],
  ["a full job is followed by another", ["a1", "a2", "a3", "a4", "a5"], 3, ["job a1 a2 a3", "job a4 a5"], []],
  ["one alone in its group is no job", ["a1", "b1", "a2"], 2, ["job a1 a2", "single b1"], []],
  ["what has no job goes alone", ["-1", "-2", "a1", "a2"], 3, ["single -1", "single -2", "job a1 a2"], []],
  ["what the requests do not suffice for is left", ["a1", "b1", "c1"], 2, ["single a1", "single b1"], ["c1"]],
] as const)("%s", (_, ids, requests, sends, left) => {
  const planned = plan(ids.map(write), { requests, batch: 3, groupOf });
  expect(shown(planned.sends)).toEqual(sends);
  expect(planned.left.map(({ claim }) => claim.id)).toEqual(left);
});

test("every write is sent once or left, in jobs of one group and no more than a batch", () => {
  const ids = fc.uniqueArray(
    fc.tuple(fc.constantFrom("a", "b", "-"), fc.nat({ max: 500 })).map(([g, n]) => `${g}${n}`),
  );
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), (all, requests, batch) => {
      const { sends, left } = plan(all.map(write), { requests, batch, groupOf });
      expect(sends.length).toBeLessThanOrEqual(requests);
      for (const send of sends) {
        const groups = new Set(send.map(groupOf));
        expect(send.length).toBeLessThanOrEqual(batch);
        expect(groups.size).toBe(1);
        expect(groups.has(null) && send.length > 1).toBe(false);
      }
      const seen = [...sends.flat(), ...left].map(({ claim }) => claim.id);
      expect(seen.toSorted()).toEqual(all.toSorted());
    }),
  );
});

test("records of a job that was refused begin small jobs, and the others still share one", () => {
  const small = (id: string): ClaimedWrite => ({ effect: "fields", claim: { id, together: 1 } as Claim });
  const all = [write("a1"), small("a2"), write("a3"), small("a4"), write("a5")];
  expect(shown(plan(all, { requests: 3, batch: 100, groupOf }).sends)).toEqual([
    "job a1 a3 a5",
    "single a2",
    "single a4",
  ]);
});

test("a record that may go with few others bounds the job that it joins, and the next one takes all again", () => {
  const few = (id: string): ClaimedWrite => ({ effect: "fields", claim: { id, together: 2 } as Claim });
  const all = [write("a1"), few("a2"), write("a3"), write("a4"), write("a5")];
  expect(shown(plan(all, { requests: 3, batch: 100, groupOf }).sends)).toEqual(["job a1 a2", "job a3 a4 a5"]);
});
