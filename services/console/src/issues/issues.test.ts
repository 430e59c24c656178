import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import { openConsole, TEXT, type TestConsole } from "../console.fixture.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

const listed = async ({ get }: TestConsole, query = "") => (await get(`/api/issues${query}`)).body.issues;

test("dead letters of one cause are one issue, which is acknowledged, resolved, opened by news, and resolved with its cause", async () => {
  const console = await openConsole();
  const { fail, get, post, queue } = console;
  await fail(["a", "b"]);
  await expect.poll(async () => await listed(console)).toHaveLength(1);
  const [issue] = await listed(console);
  expect(issue).toMatchObject({
    kind: "dead_letters",
    state: "open",
    count: 2,
    title: expect.stringContaining("2 changes for crm/customer are dead"),
    view: expect.stringMatching(/^\/letters\/cause\//),
    life: [{ what: "opened", by: null }],
  });
  await expect.poll(async () => (await get("/api/now")).body.openIssues).toBe(1);
  const acknowledged = await post(`/api/issues/${issue.id}/acknowledge`, { reason: "I look" });
  expect(acknowledged.body).toMatchObject({ state: "acknowledged" });
  await expect.poll(async () => (await get("/api/now")).body.openIssues).toBe(0);
  const again = await post(`/api/issues/${issue.id}/acknowledge`);
  expect([again.status, again.body.error.code]).toEqual([409, "act_conflict"]);
  expect((await post(`/api/issues/${issue.id}/resolve`)).body.state).toBe("resolved");
  expect(await listed(console)).toEqual([]);

  await fail(["c"]);
  await expect.poll(async () => (await get(`/api/issues/${issue.id}`)).body.state).toBe("open");
  for await (const letter of queue.lane("crm").dead.all()) await queue.lane("crm").dead.forget(letter.id);
  await expect.poll(async () => (await get(`/api/issues/${issue.id}`)).body.state).toBe("resolved");
  const { body } = await get(`/api/issues/${issue.id}`);
  expect(body.life.map(({ what, by, reason }: Record<string, unknown>) => [what, by, reason])).toEqual([
    ["opened", null, null],
    ["acknowledged", "operator", "I look"],
    ["resolved", "operator", null],
    ["reopened", null, null],
    ["resolved", null, null],
  ]);
  expect(await listed(console, "?state=resolved")).toHaveLength(1);
  expect(await listed(console, "?state=all&kind=held")).toEqual([]);
  expect(await console.acts()).toMatchObject([
    { action: "issue.resolve", target: issue.id, result: "resolved", details: { kind: "dead_letters" } },
    { action: "issue.acknowledge", target: issue.id, result: "act_conflict" },
    { action: "issue.acknowledge", target: issue.id, result: "acknowledged", reason: "I look" },
  ]);
  expect((await get("/api/issues/nobody")).body.error.code).toBe("issue_unknown");
});

/** A receiver on loopback, and whatever it was sent; `answer` decides its status. */
async function openReceiver(answer: (seen: number) => number) {
  const taken: { readonly id: string; readonly body: string; readonly payload: unknown }[] = [];
  let seen = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      // Throws where the signature is none of the secret's.
      const payload = new Webhook(SECRET).verify(body, headers) ?? JSON.parse(body);
      const status = answer(seen++);
      if (status < 300) taken.push({ id: headers["webhook-id"] ?? "", body, payload });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, taken, seen: () => seen };
}

test("an issue's turns are sent as signed webhooks, each under one id, and again until they are taken", async () => {
  const receiver = await openReceiver((seen) => (seen === 0 ? 500 : 204));
  const other = await openReceiver(() => 204);
  const console = await openConsole(
    `${TEXT}\nissue_webhooks:\n  - { url: "${receiver.url}", secret: ${SECRET} }\n  - { url: "${other.url}", secret: ${SECRET}, kinds: [held] }\n`,
  );
  await console.fail(["a"]);
  await expect.poll(() => receiver.taken).toHaveLength(1);
  const [issue] = await listed(console);
  await console.post(`/api/issues/${issue.id}/acknowledge`, { reason: "I look" });
  await expect.poll(() => receiver.taken).toHaveLength(2);
  expect(receiver.taken.map(({ payload }) => payload)).toMatchObject([
    {
      type: "issue.opened",
      data: { id: issue.id, kind: "dead_letters", title: issue.title, view: issue.view, runbook: issue.runbook },
    },
    { type: "issue.acknowledged", data: { id: issue.id, by: "operator", reason: "I look" } },
  ]);
  expect(new Set(receiver.taken.map(({ id }) => id)).size).toBe(2);
  expect(receiver.seen()).toBe(3);
  expect(other.seen()).toBe(0);
});

test("a receiver that takes nothing is an issue, of which no webhook tells, until it takes one", async () => {
  let status = 410;
  const receiver = await openReceiver(() => status);
  const console = await openConsole(`${TEXT}\nissue_webhooks:\n  - { url: "${receiver.url}", secret: ${SECRET} }\n`);
  await console.fail(["a"]);
  await expect.poll(async () => await listed(console, "?kind=webhook_failing")).toHaveLength(1);
  const [failing] = await listed(console, "?kind=webhook_failing");
  expect(failing).toMatchObject({ subject: "issue_webhooks[0]", says: expect.stringContaining("answered 410") });
  expect(receiver.seen()).toBe(1);
  status = 204;
  const [letters] = await listed(console, "?kind=dead_letters");
  await console.post(`/api/issues/${letters.id}/acknowledge`);
  await expect.poll(async () => (await console.get(`/api/issues/${failing.id}`)).body.state).toBe("resolved");
  expect(receiver.taken).toHaveLength(1);
});
