import { names, status, test, type Handler } from "../worker.fixture.ts";

/** Whose fault a refusal is: one record's, one object's, or the whole destination's. */

const FORBIDDEN = status(403, {}, '{"error":{"title":"Forbidden","message":"no"}}');
const NOT_FOUND = status(404, {}, '{"error":"RecordNotFound","description":"Not found"}');
const NO_JOBS = status(404, {}, '{"error":"InvalidEndpoint","description":"Not found"}');

const alone =
  (answer: Handler): Handler =>
  (request, response) =>
    (request.method === "POST" ? NO_JOBS : answer)(request, response);

test.concurrent("one record that is forbidden while others get through is a dead letter, and holds nobody", async ({
  at,
  expect,
}) => {
  at.answer = alone((request, response) =>
    (request.url?.endsWith("=bad") === true ? FORBIDDEN : at.ok)(request, response),
  );
  await at.work({ maxAttempts: 1 });
  await Promise.all(["bad", ...names(20)].map(async (record) => await at.admit(record, "v")));
  const { applied, dead, letters } = await at.ended(21);
  expect({ applied, dead }).toEqual({ applied: 20, dead: 1 });
  expect(letters).toMatchObject([{ key: { value: "bad" }, reason: { code: "Forbidden" } }]);
  expect((await at.door.lane("crm").numbers()).gate.hold).toBeNull();
});

test.concurrent("what is forbidden to everybody holds the destination, to be tried again, and nobody dies", async ({
  at,
  expect,
}) => {
  at.answer = alone(FORBIDDEN);
  await at.work({ maxAttempts: 1 });
  await Promise.all(names(20).map(async (record) => await at.admit(record, "v")));
  const numbers = async () => await at.door.lane("crm").numbers();
  await expect.poll(async () => (await numbers()).gate.hold?.reason).toBe("credentials");
  expect((await numbers()).gate.hold?.forMs).toBeGreaterThan(30_000);
  expect((await numbers()).deadRecords).toBe(0);
  at.answer = at.ok;
  await at.door.gate("crm").resume();
  expect(await at.ended(20)).toMatchObject({ applied: 20, dead: 0 });
});

test.concurrent("records of an object that does not exist wait, others go on, and it is told once", async ({
  at,
  expect,
}) => {
  at.answer = alone((request, response) =>
    (request.url?.includes("/customer/") === true ? NOT_FOUND : at.ok)(request, response),
  );
  const worker = await at.work({ maxAttempts: 1 });
  await Promise.all(names(10).map(async (record) => await at.admit(record, "v")));
  await Promise.all(names(10).map(async (record) => await at.admit(record, "v", 1n, "crm", "order")));
  expect(await at.ended(10)).toMatchObject({ applied: 10, dead: 0, pending: 10 });
  const { gate, deadRecords } = await at.door.lane("crm").numbers();
  expect({ hold: gate.hold, deadRecords }).toEqual({ hold: null, deadRecords: 0 });
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain('sluice_object_held{destination="crm",object="customer"} 1');
  // Only the records that were under way when it was found out were sent.
  expect(at.seen.filter(({ url }) => url.includes("/customer/")).length).toBeLessThan(10);
});

test.concurrent("a delete in an object that does not exist is not applied", async ({ at, expect }) => {
  at.answer = NOT_FOUND;
  await at.work();
  await at.remove("r");
  await expect.poll(() => at.seen.map(({ method }) => method)).toEqual(["DELETE", "GET"]);
  const why = async () =>
    (await at.door.lane("crm").records.show("customer", { by: "external_id", value: "r" }))?.lastFailure;
  await expect.poll(why).toBe("object_missing");
  expect((await at.door.lane("crm").numbers()).pendingRecords).toBe(1);
});

test.concurrent("a delete of a record that is not there is applied: its object is asked for once", async ({
  at,
  expect,
}) => {
  at.answer = (request, response) => (request.method === "GET" ? status(200) : NOT_FOUND)(request, response);
  await at.work();
  await at.remove("r");
  await at.ended(1);
  await at.remove("s");
  expect(await at.ended(2)).toMatchObject({ applied: 2, dead: 0 });
  expect(at.seen.map(({ method }) => method)).toEqual(["DELETE", "GET", "DELETE"]);
});

test.concurrent("an address that is no records' API holds the destination, and nobody dies", async ({ at, expect }) => {
  at.answer = status(404, { "content-type": "text/html" }, "<html>Not found</html>");
  await at.work({ maxAttempts: 1 });
  await at.admit("r", "v");
  const numbers = async () => await at.door.lane("crm").numbers();
  await expect.poll(async () => (await numbers()).gate.hold?.reason).toBe("stopped");
  expect((await numbers()).deadRecords).toBe(0);
});
