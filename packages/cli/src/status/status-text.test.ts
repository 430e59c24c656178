import { expect, test } from "vitest";
import type { DestinationNow, Now } from "@sluice/console";
import { FLOWING, nowWith } from "./now.fixture.ts";
import { standsStill, statusText } from "./status-text.ts";

const lines = (now: Now): readonly string[] => statusText(now).split("\n");

const BUSY = { open: 300, pendingRecords: 222, oldestPendingSeconds: 360, acceptedPerSecond: 12, endedPerSecond: 3.5 };
const held = (hold: DestinationNow["hold"]): DestinationNow => ({ ...FLOWING, ...BUSY, state: "held", hold });

test("a held destination is told with its reason, and with the time of the request that tries next", () => {
  const breaker = { reason: "breaker", says: "it failed too often in a row", note: null };
  const probed = held({ ...breaker, probeAt: "2026-11-29T14:00:33.000Z", seconds: 33 });
  expect(lines(nowWith([probed]))).toContain(
    "crm: it failed too often in a row; one request tries in 33 s, at 2026-11-29T14:00:33.000Z",
  );
  const due = held({ ...breaker, probeAt: "2026-11-29T14:00:00.000Z", seconds: 0 });
  expect(lines(nowWith([due]))).toContain(
    "crm: it failed too often in a row; one request tries now, at 2026-11-29T14:00:00.000Z",
  );
  const parked = held({ reason: "operator", says: "an operator holds it", note: "move", probeAt: null, seconds: null });
  expect(lines(nowWith([parked]))).toContain("crm: an operator holds it (“move”); until `sluice resume crm`");
});

test("of each destination: its state, what waits and since when, when that is gone, its rates, and its quota", () => {
  const learned = { requestsPerMinute: 200, configured: 700, said: 200, share: 1 };
  const rows = lines(
    nowWith([
      FLOWING,
      { ...FLOWING, ...BUSY, name: "erp", forecastSeconds: 85, quota: learned, deadLetters: 1_234 },
      { ...FLOWING, ...BUSY, name: "shop", state: "recovering", recoveryAllows: 4 },
      held({ reason: "operator", says: "an operator holds it", note: null, probeAt: null, seconds: null }),
    ]),
  ).slice(4, 8);
  expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
    ["crm", "flows", "0", "0", "0", "0", "700"],
    ["erp", "flows", "222", "6 min", "in about 85 s", "12", "3.5", "1,234", "200 of 700"],
    ["shop", "comes back, 4 at a time", "222", "6 min", "can't be said yet", "12", "3.5", "0", "700"],
    ["crm", "held", "222", "6 min", "once it flows", "12", "3.5", "0", "700"],
  ]);
});

test("whatever a person has to look after names the command that shows it", () => {
  const intake = { ...nowWith([]).intake, waitingWebhooks: 2, oldestSeconds: 4, failedJobs: 1 };
  const totals = { ...nowWith([]).totals, deadLetters: 56 };
  const text = lines(nowWith([FLOWING], { intake, totals, openIssues: 3, workers: 0 })).slice(-5);
  expect(text).toEqual([
    "intake        2 webhooks to be understood, the oldest for 4 s; an operator is wanted for 1 job",
    "workers       none",
    "Redis         3 MB of 1,000 MB",
    "dead letters  56: `sluice dead list`",
    "issues        3 open: `sluice issues`",
  ]);
});

test.each<[what: string, now: Now, stands: boolean]>([
  ["all flows", nowWith([FLOWING]), false],
  ["dead letters and issues alone", nowWith([FLOWING], { openIssues: 2 }), false],
  ["one comes back", nowWith([{ ...FLOWING, state: "recovering" }]), false],
  ["one is held", nowWith([FLOWING, held(null)]), true],
  ["no worker lives", nowWith([FLOWING], { workers: 0 }), true],
  ["Redis is full", nowWith([FLOWING], { redis: { usedBytes: 1, budgetBytes: 1, isPressed: true } }), true],
  ["a job waits", nowWith([FLOWING], { intake: { ...nowWith([]).intake, failedJobs: 1 } }), true],
])("whether something stands still: %s", (_what, now, stands) => {
  expect(standsStill(now)).toBe(stands);
});
