import { expect, test } from "vitest";
import { holdText } from "@sluice/operator";
import { headlineOf, type HeadlineFacts } from "./headline.ts";

const FLOWING = { name: "crm", state: "flowing", hold: null } as const;
const hold = { reason: "breaker", says: holdText("breaker"), note: null, probeAt: null, seconds: null };
const HELD = { name: "erp", state: "held", hold } as const;
const intake = { understood: 3, waitingWebhooks: 0, failedJobs: 0 } as HeadlineFacts["intake"];
const totals = { deadLetters: 0, pendingRecords: 0 } as HeadlineFacts["totals"];
const QUIET: HeadlineFacts = {
  redis: { usedBytes: 1, budgetBytes: 2, isPressed: false },
  workers: 1,
  intake,
  totals,
  openIssues: 0,
  destinations: [FLOWING],
};

test.each<[facts: Partial<HeadlineFacts>, says: string]>([
  [{}, "Everything flows. Nothing is left to do."],
  [{ totals: { ...totals, pendingRecords: 1 } }, "Everything flows."],
  [{ totals: { ...totals, deadLetters: 1 } }, "Everything flows, and some of it needs a look."],
  // The page once said "Nothing is left to do" beside a count of open issues.
  [{ openIssues: 1 }, "Everything flows, and some of it needs a look."],
  [{ intake: { ...intake, understood: 0 }, openIssues: 1 }, "Nothing has come in yet."],
  [{ intake: { ...intake, failedJobs: 1 } }, "Everything flows, but jobs of the intake wait for an operator."],
  [{ destinations: [{ ...FLOWING, state: "recovering" }] }, "crm comes back."],
  [{ destinations: [FLOWING, HELD] }, "erp is held: it failed too often in a row."],
  [{ destinations: [HELD, HELD] }, "2 of 2 destinations are held."],
  [{ destinations: [HELD], workers: 0 }, "No worker runs: what comes in is stored, and waits."],
  [
    { workers: 0, redis: { ...QUIET.redis, isPressed: true } },
    "Redis is at its budget: the door is closed until there is room.",
  ],
])("the fleet in one sentence, the worst first: %j", (facts, says) => {
  expect(headlineOf({ ...QUIET, ...facts })).toBe(says);
});
