import { expect, test } from "vitest";
import { groupCommit } from "./group-commit.ts";

/** Commits that end when they are told to. */
function held() {
  const groups: string[][] = [];
  let release = () => {};
  return {
    groups,
    release: () => release(),
    commit: async (group: readonly string[]) => {
      groups.push([...group]);
      await new Promise<void>((resolve) => (release = resolve));
      return group.map((item) => item.toUpperCase());
    },
  };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what is handed in during a commit goes together into the next, and each gets its own answer", async () => {
  const { groups, release, commit } = held();
  const gathering = groupCommit({ commit, maxItems: 3 });
  const first = gathering.add("a");
  await turn();
  const others = ["b", "c", "d", "e"].map((item) => gathering.add(item));
  expect(groups).toEqual([["a"]]);
  for (const answer of [first, others[0], others[3]]) {
    release();
    await answer;
    await turn();
  }
  expect(groups).toEqual([["a"], ["b", "c", "d"], ["e"]]);
  expect(await Promise.all(others)).toEqual(["B", "C", "D", "E"]);
});

test("of one key a group has one item, and the others keep their order", async () => {
  const groups: string[][] = [];
  const commit = async (group: readonly string[]) => {
    groups.push([...group]);
    return group;
  };
  const gathering = groupCommit({
    commit,
    maxItems: 10,
    keyOf: (item: string) => (item === "-" ? undefined : item[0]),
  });
  await Promise.all(["a1", "b1", "a2", "-", "a3", "b2", "-"].map((item) => gathering.add(item)));
  expect(groups).toEqual([["a1", "b1", "-", "-"], ["a2", "b2"], ["a3"]]);
});

test("where many wait a further group goes beside, without the keys that are under way", async () => {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  const commit = async (group: readonly string[]) => {
    groups.push([...group]);
    await new Promise<void>((resolve) => ends.push(resolve));
    return group;
  };
  const beside = { groups: 1, atWaiting: 3 };
  const gathering = groupCommit({ commit, maxItems: 10, keyOf: (item: string) => item[0], beside });
  const all = [gathering.add("a1")];
  await turn();
  all.push(...["a2", "b1"].map((item) => gathering.add(item)));
  await turn();
  expect(groups).toEqual([["a1"]]);
  all.push(gathering.add("c1"));
  await turn();
  expect(groups).toEqual([["a1"], ["b1", "c1"]]);
  all.push(...["d1", "e1", "f1"].map((item) => gathering.add(item)));
  await turn();
  // One more group runs beside the first, and not two.
  expect(groups).toHaveLength(2);
  ends[0]?.();
  await turn();
  expect(groups.slice(2)).toEqual([["a2", "d1", "e1", "f1"]]);
  for (const end of ends) end();
  await Promise.all(all);
});

test("a group that fails rejects its own items only", async () => {
  const commit = async (group: readonly string[]) => {
    if (group.includes("bad")) throw new Error("refused");
    return group;
  };
  const gathering = groupCommit({ commit, maxItems: 2 });
  const ended = await Promise.allSettled(["bad", "with it", "later"].map((item) => gathering.add(item)));
  expect(ended.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
});
