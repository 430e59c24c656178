import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

test("the fleet at this moment: what is pending, and why nothing goes out", async () => {
  const { admit, get, post } = await openConsole();
  await admit("4711", { tier: "gold" });
  await admit("4712", { tier: "iron" });
  await admit("4711", { tier: "lead" });
  await expect.poll(async () => (await get("/api/now")).body.totals.pendingRecords).toBe(2);
  const held = await post("/api/destinations/crm/hold", { reason: "their upgrade" });
  expect(held.body.now).toMatchObject({
    state: "held",
    hold: { reason: "operator", note: "their upgrade", probeAt: null },
  });
  await expect.poll(async () => (await get("/api/now")).body.destinations[0].state).toBe("held");
  const { body: now } = await get("/api/now");
  expect(now).toMatchObject({
    intake: { waitingWebhooks: 0, failedJobs: 0 },
    workers: 1,
    totals: { accepted: 3, applied: 0, deadLetters: 0 },
  });
  const [crm] = now.destinations;
  expect(crm).toMatchObject({
    name: "crm",
    kind: "zendesk",
    accepted: 3,
    open: 3,
    pendingRecords: 2,
    breaker: { state: "open", outages: 0 },
    quota: { requestsPerMinute: 600, configured: 600, said: null, share: 1 },
  });
  expect(crm.accepted).toBe(crm.open + Object.values<number>(crm.outcomes).reduce((sum, count) => sum + count, 0));
  expect(Date.parse(crm.oldestPendingAt)).toBeLessThanOrEqual(Date.parse(now.at));
});

test("the quota shown is what the fleet goes by once the destination has named its own", async () => {
  const { queue, get } = await openConsole();
  await queue.gate("crm").learn(600, { limit: 200, remaining: 100, resetMs: null });
  await expect.poll(async () => (await get("/api/now")).body.destinations[0].quota.said).toBe(200);
  expect((await get("/api/now")).body.destinations[0].quota.requestsPerMinute).toBe(200);
});

test("a page that listens is told each change of the fleet", async () => {
  const { admit, url } = await openConsole();
  const answer = await fetch(`${url}/api/now/stream`, { headers: { authorization: "Bearer operator-token" } });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const heard: number[] = [];
  const reading = (async () => {
    let text = "";
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split("\n\n");
      text = events.pop()!;
      for (const event of events) {
        const [, data] = /^event: now\ndata: (.*)$/.exec(event) ?? [];
        if (data !== undefined) heard.push(JSON.parse(data).totals.pendingRecords);
      }
      if (heard.at(-1) === 1) return;
    }
  })();
  await expect.poll(() => heard).toEqual([0]);
  await admit("4711", { tier: "gold" });
  await reading;
  expect(heard).toEqual([0, 1]);
  await answer.body!.cancel().catch(() => {});
});

test("the last minutes are points of two seconds, from all destinations or one", async () => {
  const { admit, get } = await openConsole();
  await admit("4711", { tier: "gold" });
  await expect
    .poll(async () => (await get("/api/now/series?minutes=1&destination=crm")).body.at.length)
    .toBeGreaterThan(1);
  const { body } = await get("/api/now/series");
  expect(body.acceptedPerSecond[0]).toBeNull();
  expect(
    new Set([body.at, body.endedPerSecond, body.waitingWebhooks, body.pendingRecords].map((each) => each.length)).size,
  ).toBe(1);
  expect(body.pendingRecords.at(-1)).toBe(1);
  expect((await get("/api/now/series?destination=nobody")).body.error.code).toBe("destination_unknown");
});

test("the books are told with what is missing in them", async () => {
  const { admit, get } = await openConsole();
  await admit("4711", { tier: "gold" });
  expect((await get("/api/books")).body).toMatchObject({
    isBalanced: true,
    jobs: { added: 0, missing: 0 },
    accounts: [{ destination: "crm", source: "erp", accepted: 1, applied: 0, pending: 1, missing: 0 }],
  });
});
