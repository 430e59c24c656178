import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHistory, type EventRow, type History } from "@sluice/history";
import { openQueue } from "@sluice/queue";
import { createLog, openDatabase, type Database } from "@sluice/runtime";
import { expect, inject, onTestFinished, test } from "vitest";
import { layEmptyPostgres } from "../empty-postgres.ts";
import { startFleet } from "../fleet.ts";

/** A Postgres that may refuse every statement, or answer none, as one does that was killed or hangs. */
type Moody = { mood: "well" | "refuses" | "hangs"; readonly history: History };

async function openMoody(): Promise<Moody> {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-history-"));
  layEmptyPostgres(dataDir);
  const log = createLog({ role: "test", level: "silent" });
  const url = inject("databaseUrl") ?? undefined;
  const database = await openDatabase({ url, dataDir, log });
  onTestFinished(async () => await database.close());
  const moody: { mood: Moody["mood"] } = { mood: "well" };
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    if (moody.mood === "refuses") throw new Error("the connection was refused");
    while (moody.mood === "hangs") await new Promise((resolve) => setTimeout(resolve, 20));
    return await work();
  };
  const wrapped: Database = {
    query: async (...of) => await asked(async () => await database.query(...of)),
    script: async (sql) => await asked(async () => await database.script(sql)),
    transaction: async (work) => await asked(async () => await database.transaction(work)),
    close: async () => await database.close(),
  };
  const history = openHistory({
    open: async () => await asked(async () => await Promise.resolve(wrapped)),
    isOwn: false,
    keys: [randomBytes(32)],
  });
  return Object.assign(moody, { history });
}

async function allEvents(history: History): Promise<readonly EventRow[]> {
  const items: EventRow[] = [];
  for (let before = null as Parameters<History["findEvents"]>[1]["before"]; ;) {
    const page = await history.findEvents({}, { limit: 20, before });
    items.push(...page.items);
    if (page.next === null) return items;
    before = page.next;
  }
}

test("the history's database is away and comes back under the flow: nothing of the flow notices, and nothing is missing", async () => {
  const moody = await openMoody();
  moody.mood = "refuses";
  const limits = { keepMs: 86_400_000, sizeBytes: 1e9 };
  const fleet = await startFleet({ workers: 2, history: { history: moody.history, limits } });
  onTestFinished(async () => await fleet.close());
  let sent = 0;
  const sendSome = async (mood: Moody["mood"]): Promise<void> => {
    moody.mood = mood;
    for (let at = 0; at < 10; at += 1) {
      sent += 1;
      // Every third is older than what its record holds, and of every tenth a repetition comes too.
      const version = sent % 3 === 0 ? 1 : sent + 1;
      const data = {
        id: sent % 4,
        name: `n${sent % 4}`,
        version,
        tier: `t${sent}`,
        ...(sent % 2 === 0 ? { city: `c${sent}` } : {}),
      };
      const event = { id: `e-${sent}`, type: "customer.updated", data };
      expect((await fleet.send(event)).status).toBe(202);
      if (sent % 10 === 0) await fleet.send(event);
    }
    // While it is away: the flow ends as if it were there.
    expect((await fleet.drained()).pending).toBe(0);
  };
  await sendSome("refuses");
  await sendSome("well");
  await sendSome("hangs");
  await sendSome("refuses");
  moody.mood = "well";

  await expect.poll(async () => (await allEvents(moody.history)).length).toBe(sent + sent / 10);
  await expect
    .poll(async () =>
      (await allEvents(moody.history)).filter(({ outcome }) => outcome === "pending" || outcome === "unknown"),
    )
    .toEqual([]);
  const rows = await allEvents(moody.history);
  expect(rows.map(({ arrivedAt }) => arrivedAt)).toEqual(
    rows
      .map(({ arrivedAt }) => arrivedAt)
      .toSorted()
      .toReversed(),
  );
  const { outcomes } = await fleet.numbers();
  const counted = (outcome: string): number => rows.filter((row) => row.outcome === outcome).length;
  for (const outcome of ["applied", "merged", "superseded", "dead"]) {
    expect([outcome, counted(outcome)]).toEqual([outcome, outcomes[outcome]]);
  }
  expect(counted("duplicate")).toBe(sent / 10);

  // Each field of each record is explained with the value that the destination holds, by the event that brought it.
  const hour = 3_600_000;
  const queue = await openQueue({
    redisUrl: inject("redisUrl"),
    kind: "command",
    destinations: ["crm"],
    dedupeWindowMs: hour,
    orderingHorizonMs: hour,
    namespace: fleet.namespace,
    onError() {},
  });
  onTestFinished(async () => await queue.close());
  const told: unknown[] = [];
  const meant: unknown[] = [];
  for (const { external_id: key, custom_object_fields: values } of await fleet.recordsOf("customer")) {
    const record = { destination: "crm", object: "customer", by: "external_id", key: key! } as const;
    const view = await queue.lane("crm").records.show("customer", { by: "external_id", value: key! });
    const { fields, gaps } = await moody.history.explain(record, view!);
    expect(gaps).toEqual([]);
    for (const field of ["tier", "city"] as const) {
      const value = values[field] as string | null;
      const confirmed = fields.find((each) => each.field === field)?.confirmed;
      told.push([key, field, confirmed?.value, confirmed?.isKnown, confirmed?.event?.source, confirmed?.event?.id]);
      // A field that no event spoke of is explained by none.
      const explained =
        value === null ? [undefined, undefined, undefined, undefined] : [value, true, "erp", `e-${value.slice(1)}`];
      meant.push([key, field, ...explained]);
    }
  }
  expect(told).toEqual(meant);

  const [first] = rows;
  const answer = await moody.history.traceEvent(first!.ref);
  expect(answer.kind === "found" && answer.trace.steps.map(({ what }) => what).slice(0, 3)).toEqual([
    "received",
    "understood",
    "merged",
  ]);
  expect(answer.kind === "found" && answer.trace.webhook?.body).toContain("customer.updated");
  const [repeated] = rows.filter(({ outcome }) => outcome === "duplicate");
  expect(await moody.history.traceEvent(repeated!.id)).toMatchObject({ kind: "ambiguous" });
  expect((await moody.history.findEvents({ key: "c-1" }, { limit: 50, before: null })).items.length).toBeGreaterThan(5);
});
