import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

const PLACE = "/api/records/crm/customer";

test("a record is told with what is pending of it, by which source, and what it waits for", async () => {
  const { admit, get, post } = await openConsole();
  await admit("a/b", { tier: "gold", city: "Ulm" }, 7n);
  const { status, body } = await get(`${PLACE}/a%2Fb`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    destination: "crm",
    key: "a/b",
    by: "external_id",
    state: "due",
    fields: [
      { field: "city", confirmed: null, pending: { value: "Ulm", version: "7", source: "erp" }, aside: null },
      { field: "tier", pending: { value: "gold" } },
    ],
    waitsFor: [{ code: "turn", untilAt: null }],
    open: { erp: 1 },
    events: ["e1"],
    flight: null,
    letter: null,
  });
  await post("/api/destinations/crm/hold", { reason: "their upgrade" });
  expect((await get(`${PLACE}/a%2Fb`)).body.waitsFor).toMatchObject([
    { code: "held", text: "crm is held (an operator: their upgrade)" },
  ]);
});

test("a confirmed field has its version and the source that stands at its rank, and no value", async () => {
  const { admit, claim, get, queue } = await openConsole();
  await admit("1", { tier: "gold" }, 7n);
  const [flight] = await claim();
  await queue.lane("crm").settleFields(flight!);
  const { body } = await get(`${PLACE}/1`);
  expect(body).toMatchObject({ state: "quiet", waitsFor: [], sinceAt: null });
  expect(body.fields).toMatchObject([
    { field: "tier", confirmed: { version: "7", rank: 0, source: "erp" }, pending: null },
  ]);
});

test("nothing is known of a record that no event named, and a key is no name", async () => {
  const { admit, get } = await openConsole();
  await admit("1", { tier: "gold" });
  for (const path of [`${PLACE}/2`, `${PLACE}/1?by=name`]) {
    expect((await get(path)).body.error.code).toBe("record_unknown");
  }
  expect((await get("/api/records/nobody/customer/1")).body.error.code).toBe("destination_unknown");
  expect((await get(`${PLACE}/1?by=colour`)).body.error.code).toBe("query_invalid");
});

test("a record is parked, listed so, put back, tried at once and forgotten, and all of it is remembered", async () => {
  const { acts, admit, claim, get, post, queue } = await openConsole();
  await admit("1", { tier: "gold" });
  await admit("2", { tier: "iron" });
  const parked = await post(`${PLACE}/1/park`, { reason: "a dispute" });
  expect(parked.body).toMatchObject({ result: "parked", record: { state: "parked", waitsFor: [{ code: "parked" }] } });
  expect((await post(`${PLACE}/1/retry`)).body.result).toBe("parked");
  const keysOf = async (query: string): Promise<string[]> =>
    (await get(`/api/records?${query}`)).body.items.map(({ key }: { key: string }) => key);
  expect(await keysOf("list=parked&destination=crm")).toEqual(["1"]);
  expect(await keysOf("list=pending")).toEqual(["1", "2"]);
  expect((await get("/api/records?limit=1")).body).toMatchObject({ isCut: true, items: [{ key: "1" }] });
  expect((await post(`${PLACE}/1/unpark`)).body).toMatchObject({ result: "waiting", record: { state: "due" } });
  const flights = await claim();
  expect((await post(`${PLACE}/1/forget`)).body.result).toBe("flying");
  for (const flight of flights) {
    await queue.lane("crm").wait(flight, 3_600_000, { spent: true, why: "status_503" });
  }
  expect((await get(`${PLACE}/1`)).body.waitsFor).toMatchObject([
    { code: "attempt", text: "attempt 1 failed (status_503), and the next one waits" },
  ]);
  expect((await post(`${PLACE}/1/retry`)).body).toMatchObject({ result: "due", record: { attempts: 1, state: "due" } });
  expect((await post(`${PLACE}/1/forget`)).body).toMatchObject({ result: "forgotten", record: { fields: [] } });
  expect((await post(`${PLACE}/3/park`)).body).toEqual({ result: "none", record: null });
  const items = await acts("target=crm/customer/1");
  expect(items.map(({ action, result }: Record<string, string>) => `${action} ${result}`)).toEqual([
    "record.forget forgotten",
    "record.retry due",
    "record.forget flying",
    "record.unpark waiting",
    "record.retry parked",
    "record.park parked",
  ]);
  expect(items.at(-1)).toMatchObject({ reason: "a dispute", actor: "operator", via: "token" });
});
