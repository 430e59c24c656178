import { expect, inject, onTestFinished, test } from "vitest";
import { awaiting, CONFIGURATION, signed, startFleet } from "../fleet.ts";
import { freePort } from "../sluice-process.ts";
import { until } from "../until.ts";
import { spawnWorker } from "../worker-process.ts";
import { openPlace } from "./place.fixture.ts";

/**
 * Sluice as its users run it, killed. The private Redis belongs to the data directory, so a start on the
 * same directory goes on where the killed process stopped.
 */
test("what was acknowledged before a SIGKILL is written after the next start", async () => {
  const place = await openPlace(CONFIGURATION, { SLUICE_LOG: "warn" });
  onTestFinished(async () => await place.close());
  // The store is not there yet: no acknowledged event can have been written before the kill.
  const first = await place.start({ RECORDS_URL: `http://127.0.0.1:${await freePort()}` });
  for (let id = 1; id <= 20; id += 1) {
    const data = { id, name: `Customer ${id}`, version: "2026-01-01T00:00:00Z", tier: "gold" };
    await place.send(`evt-${id}`, data);
  }
  expect(await place.records()).toEqual(new Map());
  expect(await first.end("SIGKILL")).toBe("SIGKILL");

  const second = await place.start();
  await until(async () => (await place.records()).size === 20);
  expect((await place.records()).get("c-7")).toMatchObject({ tier: "gold" });
  // The sender, which saw its 202, may send again all the same.
  const data = { id: 7, name: "Customer 7", version: "2026-01-01T00:00:00Z", tier: "gold" };
  const request = awaiting(signed("evt-7", JSON.stringify({ type: "customer.updated", data })));
  const again = await fetch(`http://127.0.0.1:${place.ports.ingress}/webhooks/erp`, request);
  expect(await again.json()).toMatchObject({ duplicates: 1 });
  const audit = await place.sluice("audit");
  expect(audit.code).toBe(0);
  expect(audit.output).toMatch(/^crm +erp +20 /m);
  expect(audit.output).toContain("Every accepted change is pending or has exactly one outcome.");
  expect(await second.end("SIGTERM")).toBe(0);
});

test("killing one of several workers loses nothing", async () => {
  const fleet = await startFleet();
  onTestFinished(async () => await fleet.close());
  const [killed, other] = await Promise.all([1, 2].map(async () => await spawnWorker(fleet, inject("redisUrl"))));
  onTestFinished(() => void other!.kill("SIGKILL"));
  const events = Array.from({ length: 300 }, (_, index) => index);
  const sent = events.map(async (index) => {
    const data = {
      id: index % 60,
      name: `C ${index % 60}`,
      version: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
      balance: index,
    };
    return (await fleet.store({ id: `share-${index}`, type: "customer.updated", data })).status;
  });
  killed!.kill("SIGKILL");
  expect(new Set(await Promise.all(sent))).toEqual(new Set([202]));
  const right = async (): Promise<boolean> => {
    const all = new Map(
      (await fleet.recordsOf("customer")).map((record) => [record.external_id, record.custom_object_fields]),
    );
    return [...Array(60).keys()].every((id) => Number(all.get(`c-${id}`)?.["balance"]) === 240 + id);
  };
  // A record that the killed worker had claimed comes back when its lease ends, after a minute at most.
  await until(right, Boolean, { deadlineMs: 150_000 });
});
