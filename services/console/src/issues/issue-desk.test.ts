import { randomUUID } from "node:crypto";
import { openQueue, type Queue } from "@sluice/queue";
import { createLog, readConfiguration, systemClock } from "@sluice/runtime";
import { expect, inject, onTestFinished, test } from "vitest";
import { TEXT } from "../console.fixture.ts";
import type { FleetSnapshot, FleetWatch } from "../now/fleet-watch.ts";
import { openIssueDesk } from "./issue-desk.ts";
import type { KeptIssue } from "./life.ts";
import { issueId } from "./observation.ts";

const subject = { kind: "oldest_pending", subject: "crm" } as const;
const OPEN: KeptIssue = {
  ...{ ...subject, id: issueId(subject), state: "open", severity: "ticket", title: "A change waits", says: "" },
  ...{ count: 1, view: "/destinations/crm", level: 0, mark: "", seenSinceMs: 1, lastSeenMs: 1, openedMs: 1 },
  ...{ openings: 1, resolvedLevel: null, life: [] },
};
const LOOK = {
  lanes: new Map([["crm", { gate: { hold: null }, oldestPendingMs: 0, pendingRecords: 7, deadRecords: 0 }]]),
  intake: { waitingWebhooks: 0, oldestMs: null, understood: new Map(), deadLetters: 0 },
  workers: 1,
} as unknown as FleetSnapshot;

/** A desk that looks, and is told what it sees when the test says so. @param elect who looks; else the queue decides */
async function openLooking(elect?: Queue["elect"]) {
  const queue = await openQueue({
    ...{ redisUrl: inject("redisUrl"), kind: "door", destinations: ["crm"], namespace: `issues-${randomUUID()}` },
    ...{ dedupeWindowMs: 1000, orderingHorizonMs: 1000, onError() {} },
  });
  onTestFinished(async () => await queue.close());
  const stored = queue.temporaryTexts.map("issues", 60_000);
  await stored.put(OPEN.id, JSON.stringify(OPEN));
  const asked = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<FleetSnapshot>();
  const watch: Pick<FleetWatch, "latest"> = {
    async latest() {
      asked.resolve();
      return await seen.promise;
    },
  };
  const desk = openIssueDesk({
    queue: elect === undefined ? queue : { ...queue, elect },
    configuration: () => readConfiguration(TEXT, { path: "sluice.yaml", env: {} }),
    clock: systemClock,
    log: createLog({ role: "console", level: "silent" }),
    watch: watch as FleetWatch,
    letters: { groups: async () => ({ groups: [], letters: 0, unreached: 0 }) },
    fields: { drifts: async () => new Map() },
  });
  onTestFinished(async () => await desk.close());
  await asked.promise;
  return { desk, stored, seen };
}

test("a console that looks for long writes over nothing that came to stand meanwhile", async () => {
  const { desk, stored, seen } = await openLooking();
  await stored.put(OPEN.id, JSON.stringify({ ...OPEN, state: "acknowledged" } satisfies KeptIssue));
  seen.resolve(LOOK);
  await expect.poll(async () => (await desk.get(OPEN.id))?.count).toBe(7);
  expect((await desk.get(OPEN.id))?.state).toBe("acknowledged");
});

test("a console whose turn to look is over by the time that it has seen writes nothing", async () => {
  const answers = [true, false];
  const isOver = Promise.withResolvers<void>();
  const { desk, stored, seen } = await openLooking(async () => {
    const isMine = answers.shift();
    if (isMine !== true) isOver.resolve();
    return isMine ?? false;
  });
  seen.resolve(LOOK);
  await isOver.promise;
  await desk.close();
  expect(JSON.parse((await stored.get(OPEN.id))!)).toEqual(OPEN);
});
