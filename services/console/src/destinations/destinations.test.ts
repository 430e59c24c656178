import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

test("a destination is told as it is configured, without what is secret", async () => {
  const { admit, get } = await openConsole();
  await admit("4711", { tier: "gold" });
  await expect.poll(async () => (await get("/api/destinations/crm")).body.now.open).toBe(1);
  const { body } = await get("/api/destinations");
  expect(body.destinations).toMatchObject([
    {
      origin: "http://127.0.0.1:1",
      fences: null,
      shares: null,
      objects: ["customer"],
      outcomesBySource: [{ source: "erp", accepted: 1, open: 1 }],
    },
  ]);
  expect(JSON.stringify(body)).not.toMatch(/prefix|bearer/i);
  expect((await get("/api/destinations/nobody")).body.error.code).toBe("destination_unknown");
});

test("a hold stands until it is resumed, and both are remembered with who asked for them", async () => {
  const { queue, post } = await openConsole();
  expect((await post("/api/destinations/crm/hold", { reason: "their upgrade" })).body.now.state).toBe("held");
  const resumed = await post("/api/destinations/crm/resume");
  expect(resumed.body).toMatchObject({ was: "operator", destination: { now: { state: "recovering" } } });
  expect((await post("/api/destinations/nobody/hold")).status).toBe(404);
  const acts = [];
  for await (const act of queue.acts.before(null)) acts.push(act);
  expect(acts).toMatchObject([
    { action: "destination.resume", target: "crm", result: "resumed", via: "token", reason: null },
    { action: "destination.hold", target: "crm", result: "held", via: "token", reason: "their upgrade" },
  ]);
});
