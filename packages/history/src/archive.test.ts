import { expect, test } from "vitest";
import { createArchive, type ArchiveStore, type Gap } from "./archive.ts";
import type { PackedSegment } from "./store/segment.ts";
import { unpack } from "./store/segment.ts";
import { webhookOf } from "./understood.fixture.ts";
import { readUnderstood } from "./written/understood.ts";

type Written = { readonly segments: readonly PackedSegment[]; readonly gaps: readonly Gap[] };

/** A store that takes what it is given once it may. */
function storeOf(mayWrite: () => boolean): {
  store: ArchiveStore;
  written: Written[];
  tried: () => number;
  left: string[];
} {
  const written: Written[] = [];
  const left: string[] = [];
  let tried = 0;
  const store: ArchiveStore = {
    async write(segments, gaps) {
      tried += 1;
      if (!mayWrite()) throw new Error("away");
      written.push({ segments, gaps });
    },
    beat: async () => {},
    leave: async (session) => void left.push(session),
  };
  return { store, written, tried: () => tried, left };
}

async function micros(written: readonly Written[]): Promise<readonly number[]> {
  const bodies = written.flatMap(({ segments }) => segments.map(({ body }) => body));
  const lines = (await Promise.all(bodies.map(unpack))).flat();
  return lines.map((line) => readUnderstood(line).first.micros);
}

const common = { session: "s", nowMs: () => 1000, segmentMs: 5, onError: () => {} };

test("what comes in is written, in segments, and a process that ends well leaves no doubt", async () => {
  const { store, written, left } = storeOf(() => true);
  const archive = createArchive({ store, ...common });
  const webhooks = Array.from({ length: 1200 }, (_, at) => webhookOf({ micros: at }));
  for (const webhook of webhooks) archive.understood(webhook);
  expect(archive.numbers().waiting).toBe(1200);
  await archive.close();
  expect(await micros(written)).toEqual(webhooks.map(({ first }) => first.micros));
  expect(archive.numbers()).toMatchObject({ waiting: 0, waitingCharacters: 0, lagSeconds: 0, leftOutEvents: 0 });
  expect(left).toEqual(["s"]);
});

test("replays stand in segments of their own: with new arrivals beside them these would span all the time between", async () => {
  const { store, written } = storeOf(() => true);
  const archive = createArchive({ store, ...common });
  const old = webhookOf({ micros: 5 });
  archive.understood({ ...old, first: { ...old.first, run: 1 } });
  for (const at of [7_000_000, 7_000_001]) archive.understood(webhookOf({ micros: at }));
  await archive.close();
  const spans = written.flatMap(({ segments }) => segments.map((each) => each.untilMicros - each.fromMicros));
  expect(spans.toSorted((a, b) => a - b)).toEqual([0, 1]);
});

test("while the database is away it lags, and what it has is written when that is back", async () => {
  let isThere = false;
  const { store, written, tried } = storeOf(() => isThere);
  const archive = createArchive({ store, ...common });
  archive.understood(webhookOf({ micros: 1 }));
  await expect.poll(tried).toBeGreaterThan(1);
  archive.understood(webhookOf({ micros: 2 }));
  expect(archive.numbers()).toMatchObject({ waiting: 2, isAway: true });
  isThere = true;
  await expect.poll(() => archive.numbers().waiting).toBe(0);
  expect((await micros(written)).length).toBe(2);
  expect(archive.numbers().isAway).toBe(false);
  await archive.close();
});

test("what comes in above the bound is left out and counted, and a gap tells of it once that can be written", async () => {
  let isThere = false;
  const { store, written } = storeOf(() => isThere);
  const archive = createArchive({ store, ...common, waitingCharacters: 5_000 });
  for (let at = 0; at < 100; at += 1) archive.understood(webhookOf({ micros: at }));
  const { waiting, waitingCharacters, leftOutEvents } = archive.numbers();
  expect(waitingCharacters).toBeLessThanOrEqual(5_000);
  expect(waiting + leftOutEvents).toBe(100);
  expect(leftOutEvents).toBeGreaterThan(50);
  isThere = true;
  await expect
    .poll(() => written.flatMap(({ gaps }) => gaps))
    .toMatchObject([{ reason: "full", events: leftOutEvents }]);
  expect((await micros(written)).length).toBe(waiting);
  await archive.close();
});

test("a stop does not wait for a database that is away, and leaves the doubt to be told", async () => {
  const { store, left } = storeOf(() => false);
  const archive = createArchive({ store, ...common });
  archive.understood(webhookOf({ micros: 1 }));
  await archive.close(10_000);
  expect(left).toEqual([]);
});
