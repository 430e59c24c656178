import type { History, TimelineEntry } from "@sluice/history";
import { expect, test } from "vitest";
import { openConsole, TEXT } from "../console.fixture.ts";

const entry = (atMs: number): TimelineEntry => ({
  at: new Date(atMs).toISOString(),
  what: "change",
  text: `change at ${atMs}`,
  event: null,
  flight: null,
  fields: [],
});

/** A history of one record with a change at each of these times, the newest first, and of one event that came at the last of them. */
function historyOf(times: () => readonly number[]): History {
  return {
    async timeline(_record, { limit, before }) {
      const left = times().filter((atMs) => before === null || atMs < before[0] / 1000);
      const items = left.slice(0, limit).map(entry);
      const last = left[limit - 1];
      return { items, next: left.length <= limit ? null : [last! * 1000, 1, 0], searchedToMs: null };
    },
    async traceEvent() {
      const arrivedAt = new Date(times().at(-1)!).toISOString();
      const record = { destination: "crm", object: "customer", by: "external_id", key: "1" };
      const trace = {
        event: { id: "e-1", source: "erp", arrivedAt },
        changes: [{ record, endedAt: null }],
        steps: [{ at: arrivedAt, what: "received", text: "received", record: null, tookMs: null }],
      };
      return { kind: "found", trace } as never;
    },
    close: async () => {},
  } as Partial<History> as History;
}

test("what people did with a record, its letters and its destination stands in its time line and in its event's trace, once each", async () => {
  let times: number[] = [];
  const { acts, queue, get, post, fail } = await openConsole(
    TEXT,
    historyOf(() => times),
  );
  await post("/api/destinations/crm/hold", { reason: "from before the record" });
  // Redis tells of acts by the millisecond of its own clock.
  const tick = async (): Promise<number> => {
    const now = Date.now();
    while (Date.now() <= now + 1) await new Promise((resolve) => setImmediate(resolve));
    return Date.now();
  };
  const first = await tick();
  await tick();
  await post("/api/records/crm/customer/1/park", { reason: "a dispute" });
  await post("/api/records/crm/customer/12/park");
  const second = await tick();
  await tick();
  await post("/api/destinations/crm/resume");
  await fail(["e-1", "e-2"]);
  const selection = { filter: { source: "erp" } };
  const { body: plan } = await post("/api/letters/plan", { act: "discard", selection });
  await post("/api/letters/carry-out", { plan: plan.plan });
  await expect.poll(async () => await acts("action=letters.discard")).toHaveLength(2);
  times = [second, first];

  const timeline = "/api/records/crm/customer/1/timeline";
  const whole = (await get(timeline)).body.items.map(({ text }: TimelineEntry) => text);
  expect(whole).toEqual([
    "operator resumed crm",
    `change at ${second}`,
    "operator parked it (none): a dispute",
    `change at ${first}`,
  ]);
  const page1 = (await get(`${timeline}?limit=1`)).body;
  const page2 = (await get(`${timeline}?limit=1&cursor=${page1.next}`)).body;
  expect([...page1.items, ...page2.items].map(({ text }: TimelineEntry) => text)).toEqual(whole);

  const { steps } = (await get("/api/events/e-1")).body;
  expect(steps.map(({ what, text }: { what: string; text: string }) => `${what} ${text}`)).toEqual([
    "received received",
    "acted operator parked it (none): a dispute",
    "acted operator resumed crm",
    "acted operator discarded a dead letter of it",
  ]);
  await queue.acts.note({
    actor: "ada",
    via: "command",
    action: "record.forget",
    target: "crm/customer/1",
    reason: null,
    result: "forgotten",
  });
  expect((await get(timeline)).body.items[0]).toMatchObject({ what: "act", text: "ada had its versions forgotten" });
});
