import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "@sluice/runtime";
import { names, status, test, type Handler, type Workplace } from "../worker.fixture.ts";

/** Answers of a destination that no contract foresees: they settle nothing that was not written, and nothing dies of them. */

/** So many requests are answered oddly, the others as they should be. */
function oddly(at: Workplace, count: number, odd: Handler): Handler {
  let left = count;
  return (request, response) => {
    left -= 1;
    (left >= 0 ? odd : at.ok)(request, response);
  };
}

const CUT: Handler = (request, response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "500" }).write('{"custom_object_rec');
  setImmediate(() => request.socket.destroy());
};

test.concurrent.for<[string, Handler]>([
  ["a page of HTML as success", status(200, { "content-type": "text/html" }, "<html>We are moving</html>")],
  ["JSON that breaks off", status(200, {}, '{"custom_object_record": {"id"')],
  ["a list", status(200, {}, "[]")],
  ["an empty object", status(200, {}, "{}")],
  ["a note of maintenance", status(200, {}, '{"status":"maintenance"}')],
  ["an error under a status of success", status(200, {}, '{"error":"RecordInvalid","description":"no"}')],
  ["another record", status(200, {}, '{"custom_object_record":{"external_id":"other"}}')],
  ["the record, accepted for later", status(202, {}, '{"custom_object_record":{"external_id":"r"}}')],
  ["a part of the record", status(206, {}, '{"custom_object_record":{"external_id":"r"}}')],
  ["a redirect to a page for people", status(302, { location: "/login" }, "")],
  ["an answer that is cut in its middle", CUT],
])("%s confirms nothing: the record is written again", async ([_what, odd], { at, expect }) => {
  at.answer = oddly(at, 1, odd);
  await at.work();
  await at.admit("r", "v");
  expect(await at.ended(1)).toMatchObject({ applied: 1, dead: 0, pending: 0 });
  expect(at.seen).toHaveLength(2);
});

test.concurrent.for<[string, Handler]>([
  ["a page of HTML", status(200, { "content-type": "text/html" }, "<html>We are moving</html>")],
  ["nothing", status(200, {}, "")],
  ["a job without a name", status(201, {}, '{"job_status":{"status":"queued"}}')],
  ["a job that is accepted for later", status(202, {}, '{"job_status":{"id":"j","status":"queued"}}')],
  ["half an answer", CUT],
])("%s as the answer to a job: its records are written again, none dies", async ([_what, odd], { at, expect }) => {
  const jobs = oddly(at, 1, odd);
  at.answer = (request, response) => (request.method === "POST" ? jobs : at.ok)(request, response);
  await at.admitAtOnce(names(40));
  await at.work();
  expect(await at.ended(40)).toMatchObject({ applied: 40, dead: 0, pending: 0 });
});

/** Jobs that are queued, and records that can be read. `look` answers a look at a job. */
function queues(at: Workplace, look: Handler): { handler: Handler; writes: () => number } {
  const stored = new Set<string>();
  let writes = 0;
  const handler: Handler = (request, response) => {
    const url = new URL(request.url ?? "", "http://destination");
    if (request.method === "GET" && url.pathname.endsWith("/records")) {
      const ids = (url.searchParams.get("filter[external_ids]") ?? "").split(",").filter((id) => stored.has(id));
      const found = ids.map((id) => ({ external_id: id, name: id, custom_object_fields: { tier: "v" } }));
      say(response, { custom_object_records: found });
    } else if (request.method === "GET") look(request, response);
    else {
      if (request.method === "POST") for (const item of at.itemsOf(request)) stored.add(item.external_id);
      writes += 1;
      if (request.method === "POST") say(response, { job_status: { id: "j", status: "queued", results: null } });
      else at.ok(request, response);
    }
  };
  return { handler, writes: () => writes };
}

function say(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const ended = (results: (request: IncomingMessage) => object[] | null): Handler => {
  return (request, response) =>
    say(response, { job_status: { id: "j", status: "completed", results: results(request) } });
};

test.concurrent.for<[string, Handler]>([
  ["404 for ever", status(404, {}, '{"error":"RecordNotFound"}')],
  ["500 for ever", status(500)],
  ["a page of HTML for ever", status(200, { "content-type": "text/html" }, "<html></html>")],
  ["completed, and no results", ended(() => null)],
  ["completed, and fewer results than items", ended(() => [{ index: 0, external_id: "r1", status: "CreateOrUpdate" }])],
  ["another job", status(200, {}, '{"job_status":{"id":"k","status":"completed","results":[]}}')],
  ["completed, and results of others", ended(() => [{ index: 0, external_id: "x", status: "Failed" }])],
])(
  "a job is %s: what its records show settles them, and no write is repeated",
  async ([_what, look], { at, expect }) => {
    const { handler, writes } = queues(at, look);
    at.answer = handler;
    // Records that wait when the worker comes share a job. A record that is written again is dead: no attempt may be spent.
    await Promise.all(names(40).map(async (record) => await at.admit(record, "v")));
    await at.work({ maxAttempts: 1, timeoutMs: 5000 });
    expect(await at.ended(40)).toMatchObject({ applied: 40, dead: 0, pending: 0 });
    expect(writes()).toBe(1);
  },
);

test.concurrent("a hold that a Retry-After began ends when it is resumed, also for the record that began it", async ({
  at,
  expect,
}) => {
  at.answer = oddly(at, 1, status(503, { "retry-after": "86400" }));
  await at.work();
  await at.admit("r", "v");
  await expect
    .poll(async () => (await at.door.lane("crm").numbers()).gate.hold?.forMs ?? 0)
    .toBeGreaterThan(80_000_000);
  await at.door.gate("crm").resume();
  expect(await at.ended(1)).toMatchObject({ applied: 1, dead: 0 });
});

test.concurrent("what a destination calls its trouble is no reason of a hold, least of all one of ours", async ({
  at,
  expect,
}) => {
  at.answer = oddly(at, 1, status(503, { "retry-after": "86400" }, '{"error":"operator","description":"we say when"}'));
  await at.work();
  await at.admit("r", "v");
  const reason = async (): Promise<string | undefined> => (await at.door.lane("crm").numbers()).gate.hold?.reason;
  await expect.poll(reason).toBe("unavailable");
});

test.concurrent("a worker whose clock is days ahead takes no record for one that has failed for days", async ({
  at,
  expect,
}) => {
  at.answer = oddly(at, 3, status(500));
  await at.work({ clock: { nowMs: () => systemClock.nowMs() + 3 * 86_400_000 } });
  await at.admit("r", "v");
  expect(await at.ended(1)).toMatchObject({ applied: 1, dead: 0 });
});
