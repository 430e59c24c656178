import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signed, startFleet, type Fleet, type SentEvent } from "../fleet.ts";

type Data = { id: number; version: string; name?: string; tier?: string | null; balance?: number; city?: string };
type Sent = { event: SentEvent & { data: Data }; source: string };

/** Computed apart from the product's code: the newest of every field after the newest delete, by version. */
function expectedRecords(all: readonly Sent[]): Map<string, Record<string, unknown>> {
  const records = new Map<string, Record<string, unknown>>();
  const order = all.toSorted((a, b) => Date.parse(a.event.data.version) - Date.parse(b.event.data.version));
  for (const { event } of order) {
    const key = `c-${event.data.id}`;
    if (event.type === "customer.deleted") records.delete(key);
    else {
      const { id: _id, version: _version, ...fields } = event.data;
      records.set(key, { ...records.get(key), ...fields });
    }
  }
  return records;
}

function history(seed: number, events: number, records: number): Sent[] {
  const [numbers] = fc.sample(fc.array(fc.nat({ max: 999_999 }), { minLength: events * 4, maxLength: events * 4 }), {
    seed,
    numRuns: 1,
  });
  return Array.from({ length: events }, (_, index) => {
    const [a, b, c, d] = numbers!.slice(index * 4, index * 4 + 4) as [number, number, number, number];
    // No two versions are alike, so that the expected record needs no rule for ties.
    const version = new Date(Date.parse("2026-01-01T00:00:00Z") + index * 1000).toISOString();
    const id = a % records;
    const data: Data = { id, version, name: `Customer ${id}` };
    if (b % 3 !== 0) data.tier = c % 7 === 0 ? null : `tier-${c}`;
    if (b % 3 !== 1) data.balance = c / 100;
    if (b % 5 === 0) data.city = `city-${c}`;
    const deleted = d % 25 === 0;
    return {
      event: {
        id: `evt-${seed}-${index}`,
        type: deleted ? "customer.deleted" : "customer.updated",
        data: deleted ? { id, version } : data,
      },
      source: d % 2 === 0 ? "erp" : "shop",
    };
  });
}

describe.for([1, 4])("at a destination of %i lanes", (lanes) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ workers: 3, destination: `    lanes: ${lanes}` });
  });
  afterAll(async () => await fleet.close());

  test("1,000 shuffled and duplicated events over 50 records end as the newest value of every field, each accounted for", async () => {
    const seed = Number(process.env["SLUICE_TEST_SEED"]);
    console.log(`convergence test, seed ${seed}`);
    const all = history(seed, 1000, 50);
    const [places] = fc.sample(fc.array(fc.nat(), { minLength: 1250, maxLength: 1250 }), { seed, numRuns: 1 });
    const sent = [...all, ...all.slice(0, 250)]
      .map((each, index) => ({ each, at: places![index]! }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ each }) => each);

    const statuses = new Map<string, number>();
    for (let at = 0; at < sent.length; at += 50) {
      const answers = await Promise.all(
        sent.slice(at, at + 50).map(async ({ event, source }) => await fleet.send(event, source)),
      );
      for (const { status, body } of answers) {
        expect(status).toBe(202);
        const word = body.events[0]!.status;
        statuses.set(word, (statuses.get(word) ?? 0) + 1);
      }
    }
    expect(statuses.get("duplicate")).toBe(250);

    const { accepted, pending, outcomes } = await fleet.drained();
    const stored = await fleet.recordsOf("customer");
    const seen = new Map(
      stored.map((record) => [record.external_id, readable(record.name, record.custom_object_fields)]),
    );
    const expected = new Map(
      [...expectedRecords(all)].map(([key, { name, ...fields }]) => [key, readable(name, fields)] as const),
    );
    expect(seen).toEqual(expected);
    expect(accepted).toBe(1000);
    expect(pending).toBe(0);
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(outcomes["dead"]).toBe(0);
  });

  /** A cleared field and one that was never set read the same. */
  function readable(name: unknown, fields: Readonly<Record<string, unknown>>): object {
    return {
      name,
      ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)),
    };
  }

  test("a signed webhook is a record by itself", async () => {
    const data = { id: 9001, version: "2026-05-01T00:00:00Z", name: "Fresh", tier: "gold" };
    const { status, body } = await fleet.send({ id: "fresh-1", type: "customer.updated", data });
    expect({ status, body }).toEqual({
      status: 202,
      body: { accepted: 1, duplicates: 0, events: [{ id: "fresh-1", status: "accepted" }] },
    });
    await fleet.drained();
    const response = await fetch(
      `${fleet.records}/api/v2/custom_objects/customer/records?filter[external_ids]=c-9001`,
      {
        headers: { authorization: `Bearer ${fleet.token}` },
      },
    );
    expect(await response.json()).toMatchObject({
      custom_object_records: [{ external_id: "c-9001", name: "Fresh", custom_object_fields: { tier: "gold" } }],
    });
  });

  test("a field that the destination refuses is a dead letter, the others are written, and a newer good event heals it", async () => {
    const before = await fleet.drained();
    const bad = { id: 9002, version: "2026-05-01T00:00:00Z", name: "Ill", tier: "gold", balance: "much" };
    await fleet.send({ id: "ill-1", type: "customer.updated", data: bad });
    const after = await fleet.drained();
    expect(after.outcomes["applied"]).toBe(before.outcomes["applied"]! + 1);
    expect(await deadRecords()).toBe(1);
    const ill = (await fleet.recordsOf("customer")).find((each) => each.external_id === "c-9002");
    expect(ill).toMatchObject({ name: "Ill", custom_object_fields: { tier: "gold", balance: null } });

    // Nothing is left of this record.
    const worse = { id: 9002, version: "2026-05-02T00:00:00Z", balance: "more" };
    await fleet.send({ id: "ill-2", type: "customer.updated", data: worse });
    expect((await fleet.drained()).outcomes["dead"]).toBe(before.outcomes["dead"]! + 1);
    expect(await deadRecords()).toBe(1);

    const good = { id: 9002, version: "2026-05-03T00:00:00Z", balance: 7 };
    await fleet.send({ id: "ill-3", type: "customer.updated", data: good });
    await fleet.drained();
    expect(await deadRecords()).toBe(0);
    const record = (await fleet.recordsOf("customer")).find((each) => each.external_id === "c-9002");
    expect(record).toMatchObject({ name: "Ill", custom_object_fields: { tier: "gold", balance: 7 } });
  });

  test("an event whose mapping fails is accepted, counted and kept as a dead letter", async () => {
    const before = await fleet.drained();
    const data = { id: 9003, version: "yesterday", name: "Nobody" };
    const { status, body } = await fleet.send({ id: "fault-1", type: "customer.updated", data });
    expect(status).toBe(202);
    expect(body.events).toEqual([{ id: "fault-1", status: "dead" }]);
    const after = await fleet.drained();
    expect(after.accepted).toBe(before.accepted + 1);
    expect(after.outcomes["dead"]).toBe(before.outcomes["dead"]! + 1);
    const again = await fleet.send({ id: "fault-1", type: "customer.updated", data });
    expect(again.body).toMatchObject({ duplicates: 1, events: [{ status: "duplicate" }] });
  });

  test("an event that no mapping wants is ignored", async () => {
    const { body } = await fleet.send({ id: "other-1", type: "invoice.paid", data: {} });
    expect(body).toEqual({ accepted: 0, duplicates: 0, events: [{ id: "other-1", status: "ignored" }] });
  });

  test("a tampered webhook stores nothing", async () => {
    const before = await fleet.drained();
    const body = JSON.stringify({ type: "customer.updated", data: { id: 1 } });
    const request = { ...signed("evil-1", body), body: body.replace("1", "2") };
    const response = await fetch(`${fleet.ingress}/webhooks/erp`, request);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "not_authentic" } });
    expect((await fleet.drained()).accepted).toBe(before.accepted);
  });

  async function deadRecords(): Promise<number> {
    // Any process may show the fleet's numbers.
    const urls = [fleet.ingress, ...fleet.workers];
    const texts = await Promise.all(urls.map(async (url) => await (await fetch(`${url}/metrics`)).text()));
    const found = /^sluice_dead_records\{destination="crm"\} (\d+)$/m.exec(texts.join("\n"));
    return Number(found?.[1]);
  }
});
