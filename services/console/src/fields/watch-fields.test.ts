import type { EventFilter, History } from "@sluice/history";
import { createLog, readConfiguration, systemClock } from "@sluice/runtime";
import { expect, test, vi } from "vitest";
import { TEXT } from "../console.fixture.ts";
import { LIMITS } from "../limits.ts";
import { watchFields } from "./watch-fields.ts";

/** A busy machine may take so long for what will come. */
const BUSY_MACHINE = { timeout: 60_000 };

const NOW_MS = Date.parse("2026-11-25T12:00:00Z");
const DAY_MS = 86_400_000;
const configuration = readConfiguration(TEXT, { path: "sluice.yaml", env: {} });
const log = createLog({ role: "test", level: "silent" });

type Sent = { readonly body: unknown; readonly types?: readonly string[]; readonly redacted?: readonly string[] };

/** A history with an endless stream of webhooks. @param sentAt what came in at a time */
function historyOf(sentAt: (ms: number) => Sent, asked: EventFilter[] = []): History {
  async function* webhooks(filter: EventFilter) {
    asked.push(filter);
    for (;;) {
      const { body, types = ["customer.updated"], redacted = [] } = sentAt(filter.sinceMs!);
      const events = types.map((type) => ({ type }));
      yield { webhook: { events, request: { body: JSON.stringify(body), isCut: false, redacted } } };
    }
  }
  return { webhooks } as unknown as History;
}

function watching(history: History | null, clock = { nowMs: () => NOW_MS }) {
  return watchFields({ history, configuration: () => configuration, clock: { ...systemClock, ...clock }, log });
}

test("samples of the last day are compared with the same day a week before, and read again after an hour", async () => {
  const asked: EventFilter[] = [];
  let nowMs = NOW_MS;
  const isLate = (ms: number): boolean => ms >= NOW_MS - DAY_MS;
  const history = historyOf((ms) => ({ body: isLate(ms) ? { data: { tier: 1 } } : { data: { tier: "gold" } } }), asked);
  const watch = watching(history, { nowMs: () => nowMs });
  // The first who asks waits for nothing.
  expect(await watch.drifts()).toBeNull();
  await vi.waitUntil(async () => (await watch.drifts()) !== null, BUSY_MACHINE);
  const drift = { field: "data.tier", what: "retyped", before: "text", now: "number", type: "customer.updated" };
  expect((await watch.drifts())?.get("erp")).toEqual([drift]);
  expect(asked).toHaveLength(2 * LIMITS.profileParts);
  expect(asked.every(({ source }) => source === "erp")).toBe(true);
  const times = asked.map(({ sinceMs, untilMs }) => [sinceMs!, untilMs!] as const);
  expect(Math.min(...times.map(([since]) => since))).toBe(NOW_MS - 8 * DAY_MS);
  expect(Math.max(...times.map(([, until]) => until))).toBeLessThan(NOW_MS);
  nowMs += LIMITS.fieldsReadEveryMs;
  await vi.waitUntil(
    async () => (await watch.drifts()) !== null && asked.length === 4 * LIMITS.profileParts,
    BUSY_MACHINE,
  );
});

test("bodies that were redacted, or are of several types, say nothing", async () => {
  const isLate = (ms: number): boolean => ms >= NOW_MS - DAY_MS;
  for (const more of [{ redacted: ["data.tier"] }, { types: ["customer.updated", "order.created"] }]) {
    const watch = watching(historyOf((ms) => ({ body: isLate(ms) ? {} : { data: { tier: "gold" } }, ...more })));
    await vi.waitUntil(async () => (await watch.drifts()) !== null, BUSY_MACHINE);
    expect((await watch.drifts())?.get("erp")).toEqual([]);
  }
});

test("without a history nothing drifts, and where it is away nobody knows", async () => {
  expect(await watching(null).drifts()).toEqual(new Map());
  const away = {
    webhooks: vi.fn<History["webhooks"]>(() => {
      throw new Error("away");
    }),
  };
  const watch = watching(away as unknown as History);
  await watch.drifts();
  await vi.waitUntil(() => away.webhooks.mock.calls.length > 0, BUSY_MACHINE);
  expect(await watch.drifts()).toBeNull();
});

test("a history that fails takes nothing away that is known, and is asked again after a minute", async () => {
  let nowMs = NOW_MS;
  let isAway = false;
  let failures = 0;
  const asked: EventFilter[] = [];
  const there = historyOf(() => ({ body: { data: { tier: "gold" } } }), asked);
  const history = {
    webhooks(...all: Parameters<History["webhooks"]>) {
      if (isAway) {
        failures += 1;
        throw new Error("away");
      }
      return there.webhooks(...all);
    },
  } as unknown as History;
  const watch = watching(history, { nowMs: () => nowMs });
  await vi.waitUntil(async () => (await watch.drifts()) !== null, BUSY_MACHINE);
  const looks = asked.length;
  isAway = true;
  nowMs += LIMITS.fieldsReadEveryMs;
  await watch.drifts();
  await vi.waitUntil(() => failures > 0, BUSY_MACHINE);
  expect(await watch.drifts()).not.toBeNull();
  isAway = false;
  nowMs += LIMITS.fieldsReadAgainMs;
  await vi.waitUntil(async () => (await watch.drifts()) !== null && asked.length === 2 * looks, BUSY_MACHINE);
});

test("a look that is under way ends when the console stops, and no other begins", async () => {
  const asked: EventFilter[] = [];
  const watch = watching(historyOf(() => ({ body: {} }), asked));
  expect(await watch.drifts()).toBeNull();
  await watch.close();
  expect(asked.length).toBeLessThan(LIMITS.profileParts);
  expect(await watch.drifts()).toBeNull();
  expect(asked.length).toBeLessThan(LIMITS.profileParts);
});
