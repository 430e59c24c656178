import { afterAll, beforeAll, expect, test } from "vitest";
import { awaiting, CONFIGURATION, signed } from "../fleet.ts";
import type { Ended } from "../sluice-commands.ts";
import { openTestDestination, type TestDestination } from "../test-destination.ts";
import { until } from "../until.ts";
import { openPlace, PLACE_TOKEN, type Place } from "./place.fixture.ts";

/** `sluice hold` and `sluice resume` as an operator types them, beside a Sluice that runs. */
let destination: TestDestination;
const THIN = `sources:
  thin:
    scheme: generic-hmac
    secrets: [a-secret-of-its-own]
    fetch: { url: "http://127.0.0.1:1/{{data.id}}" }
    records: [{ destination: crm, object: customer, external_id: data.id, fields: { tier: data.tier } }]`;
let place: Place;

beforeAll(async () => {
  destination = await openTestDestination();
  // A record that spent a single attempt would be a dead letter.
  place = await openPlace(
    CONFIGURATION.replace("concurrency: 4", "concurrency: 4\n    retry: { attempts: 1 }").replace("sources:", THIN),
    { RECORDS_URL: destination.url },
  );
  await place.start();
});
afterAll(async () => {
  await place.close();
  destination.close();
});

const sluice = async (...words: string[]): Promise<Ended> => await place.sluice(...words);

async function send(record: number, version: number): Promise<void> {
  const data = { id: record, version: new Date(version * 1000).toISOString(), name: `N${record}`, tier: `v${version}` };
  const request = awaiting(signed(`evt-${record}-${version}`, JSON.stringify({ type: "customer.updated", data })));
  expect((await fetch(`http://127.0.0.1:${place.ports.ingress}/webhooks/erp`, request)).status).toBe(202);
}

/** The audit log's acts on a target, the oldest first. */
async function asked(target: string): Promise<readonly string[]> {
  const url = `http://127.0.0.1:${place.ports.console}/api/audit?target=${encodeURIComponent(target)}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${PLACE_TOKEN}` } });
  const { items } = (await answer.json()) as { items: { via: string; action: string; result: string }[] };
  return items.map(({ via, action, result }) => `${via} ${action}: ${result}`).toReversed();
}

test("what is held does not go out until it is resumed; then all of it does, in its order", async () => {
  await send(0, 1);
  await until(() => destination.written.length === 1);

  const held = await sluice("hold", "crm", "--reason", "moving house");
  expect(held).toMatchObject({ code: 0, output: expect.stringContaining("sluice resume crm") as string });
  await until(async () => (await sluice("status")).code === 1);
  const status = await sluice("status");
  expect(status.printed).toMatch(/^crm is held: an operator holds it\.\n/);
  expect(status.printed).toContain("crm: an operator holds it (“moving house”); until `sluice resume crm`\n");
  for (let record = 1; record <= 12; record += 1) await send(record, 1);
  // Newer changes of a held record go out in its own write.
  await send(5, 2);
  await until(async () =>
    (await place.text("worker", "/readyz")).includes("12 records pending, held: operator, moving house"),
  );
  expect(destination.written).toHaveLength(1);
  const metrics = await place.text("worker", "/metrics");
  expect(metrics).toContain('sluice_hold{destination="crm",reason="operator"} 1');
  expect(metrics).toContain('sluice_breaker_state{destination="crm"} 2');

  const resumed = await sluice("resume", "crm");
  expect(resumed).toMatchObject({ code: 0, output: expect.stringContaining("operator") as string });
  await until(async () =>
    (await place.text("worker", "/metrics")).includes('sluice_pending_changes{destination="crm"} 0'),
  );
  expect(destination.written.slice(1).map(({ record }) => record)).toEqual(
    Array.from({ length: 12 }, (_, at) => `c-${at + 1}`),
  );
  expect(await place.text("worker", "/metrics")).toContain(
    'sluice_outcomes_total{destination="crm",outcome="applied"} 13',
  );
  expect(await place.text("worker", "/metrics")).toContain('sluice_outcomes_total{destination="crm",outcome="dead"} 0');
  expect(await place.text("worker", "/metrics")).not.toContain("sluice_hold{");
  expect(await sluice("resume", "crm")).toMatchObject({ code: 0, output: "crm is not held.\n" });
  // The console looks once a second.
  await until(async () => (await sluice("status", "--json")).printed.includes('"applied":13'));
  expect(await sluice("status")).toMatchObject({
    code: 0,
    printed: expect.stringMatching(/^crm +(?:flows|comes back)/m) as string,
  });
});

test("a pending record is shown, parked while others flow, and put back", async () => {
  await sluice("hold", "crm");
  await send(30, 1);
  await send(31, 1);
  await until(async () => (await place.text("worker", "/readyz")).includes("2 records pending"));
  const due = await sluice("record", "show", "customer", "c-30");
  expect(due).toMatchObject({ code: 0 });
  expect(due.output).toMatch(/customer c-30 {3}crm {3}due/);
  expect(due.output).toMatch(/tier .*erp +"v1"/);

  expect(await sluice("record", "park", "customer", "c-30")).toMatchObject({ code: 0 });
  await sluice("resume", "crm");
  await until(() => destination.shown().has("c-31"));
  await until(async () => (await place.text("worker", "/readyz")).includes("1 records pending"));
  expect(destination.shown().has("c-30")).toBe(false);
  const parked = JSON.parse((await sluice("record", "show", "customer", "c-30", "--json")).output) as object;
  expect(parked).toMatchObject({ destination: "crm", external_id: "c-30", state: "parked", open: { erp: 1 } });

  expect(await sluice("record", "unpark", "customer", "c-30")).toMatchObject({ code: 0 });
  await until(() => destination.shown().has("c-30"));
  await until(async () => (await place.text("worker", "/readyz")).includes("0 records pending"));
  expect(await sluice("record", "forget", "customer", "c-30")).toMatchObject({ code: 0 });
  expect(await sluice("record", "park", "customer", "c-30")).toMatchObject({ code: 1 });
  expect(await sluice("record", "reorder", "customer")).toMatchObject({ code: 0 });
  expect(await asked("crm/customer/c-30")).toEqual([
    "command record.park: parked",
    "command record.unpark: waiting",
    "command record.forget: forgotten",
    "command record.park: none",
  ]);
  expect(await asked("crm/customer")).toEqual(["command record.reorder: reordered"]);
  const unknown = await sluice("record", "show", "customer", "nobody");
  expect(unknown.code).toBe(1);
  expect(unknown.output).toContain("Nothing is known of customer nobody at crm");
});

test("the fetches of a source can be held and resumed too", async () => {
  expect(await sluice("hold", "fetch:thin")).toMatchObject({ code: 0 });
  expect(await place.text("worker", "/readyz")).toContain("0 records pending, held: operator");
  expect(await sluice("resume", "fetch:thin")).toMatchObject({
    code: 0,
    output: "fetch:thin was held (operator) and flows again.\n",
  });
  const said = async (...words: string[]): Promise<unknown> =>
    JSON.parse((await sluice(...words, "fetch:thin", "--json")).printed) as unknown;
  expect(await said("hold")).toEqual({ destination: "fetch:thin", state: "held" });
  const resumed = { destination: "fetch:thin", reason: null, probeAt: null };
  expect(await said("resume")).toMatchObject({ ...resumed, wasHeld: "operator" });
  expect(await said("resume")).toMatchObject({ ...resumed, wasHeld: null });
});

test.each(["hold", "resume"])("sluice %s of a destination that there is not says which there are", async (command) => {
  const { code, output } = await sluice(command, "crn");
  expect(code).toBe(1);
  expect(output).toContain('There is no destination "crn"');
  expect(output).toContain("the configuration has crm");
  expect(output).not.toContain("    at ");
});
