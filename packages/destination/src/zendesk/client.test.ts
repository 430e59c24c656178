import { type IncomingMessage } from "node:http";
import { inspect } from "node:util";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { DestinationUnreachableError } from "../http/destination-unreachable.ts";
import { startClients } from "./server.fixture.ts";

const clients = startClients();
const { against } = clients;
afterEach(clients.close);

const KEY = { by: "external_id", value: "a b/ä&#+1" } as const;

test("an upsert is a PATCH with the key in the query, without .json, with fence, token and agent", async () => {
  let seen: { request: IncomingMessage; body: Promise<string> } | undefined;
  const client = await against((request, response) => {
    seen = { request, body: text(request) };
    response.setHeader("x-rate-limit", "700").setHeader("x-rate-limit-remaining", "698");
    response.end('{"custom_object_record":{"id":"01J"}}');
  });
  const reply = await client.upsertRecord(
    "customer",
    KEY,
    { name: "Acme", fields: { tier: "gold", gone: null } },
    { fence: "17" },
  );
  expect(seen?.request.method).toBe("PATCH");
  expect(seen?.request.url).toBe("/api/v2/custom_objects/customer/records?external_id=a%20b%2F%C3%A4%26%23%2B1");
  expect(seen?.request.headers).toMatchObject({
    authorization: "Bearer s3cret-token",
    "content-type": "application/json",
    "sluice-fence": "17",
    prefer: "handling=strict",
  });
  expect(seen?.request.headers["user-agent"]).toMatch(/^sluice\/\d/);
  const body = { custom_object_record: { name: "Acme", custom_object_fields: { tier: "gold", gone: null } } };
  expect(JSON.parse((await seen?.body) ?? "")).toEqual(body);
  expect(reply).toEqual({
    status: 200,
    body: { custom_object_record: { id: "01J" } },
    rateLimit: { limit: 700, remaining: 698 },
    sent: true,
    request: { method: "PATCH", path: seen?.request.url, body },
  });
});

test("a delete has no body, and email with API token goes as basic authentication", async () => {
  let seen: IncomingMessage | undefined;
  const client = await against(
    (request, response) => {
      seen = request;
      response.statusCode = 204;
      response.end();
    },
    { auth: { email: "a@b.c", apiToken: "t0k" } },
  );
  const reply = await client.deleteRecord("customer", { by: "name", value: "Acme" });
  expect(seen?.method).toBe("DELETE");
  expect(seen?.url).toBe("/api/v2/custom_objects/customer/records?name=Acme");
  expect(seen?.headers.authorization).toBe(`Basic ${btoa("a@b.c/token:t0k")}`);
  expect(seen?.headers["sluice-fence"]).toBeUndefined();
  expect(reply).toMatchObject({ status: 204, body: null });
});

test("a 429 in plain text is an answer with its Retry-After", async () => {
  const client = await against((_request, response) => {
    response.writeHead(429, { "retry-after": "93", "content-type": "text/plain" });
    response.end("Number of allowed API requests per minute exceeded");
  });
  const reply = await client.upsertRecord("customer", KEY, { fields: {} });
  expect(reply).toMatchObject({
    status: 429,
    retryAfterSeconds: 93,
    errorText: "Number of allowed API requests per minute exceeded",
  });
  expect(reply.errorCode).toBeUndefined();
});

test("the code of an error is found in its envelope", async () => {
  const client = await against((_request, response) => {
    response.writeHead(404, { "content-type": "application/json" });
    response.end('{"error":"RecordNotFound","description":"Not found"}');
  });
  expect(await client.deleteRecord("customer", KEY)).toMatchObject({
    status: 404,
    errorCode: "RecordNotFound",
    errorText: "Not found",
  });
});

test("a connection is used again for the next request", async () => {
  const sockets = new Set<unknown>();
  const client = await against(
    (request, response) => {
      sockets.add(request.socket);
      response.end("{}");
    },
    { concurrency: 1 },
  );
  for (let i = 0; i < 5; i += 1) await client.upsertRecord("customer", KEY, { fields: {} });
  expect(sockets.size).toBe(1);
});

test("no answer within the deadline is destination_timeout, also when only the body is missing", async () => {
  const silent = await against(() => undefined, { timeoutMs: 50 });
  await expect(silent.upsertRecord("customer", KEY, { fields: {} })).rejects.toMatchObject({
    code: "destination_timeout",
  });
  const half = await against((_request, response) => response.write("{"), { timeoutMs: 50 });
  await expect(half.upsertRecord("customer", KEY, { fields: {} })).rejects.toMatchObject({
    code: "destination_timeout",
  });
});

test("a refused or broken connection is destination_unreachable, and says nothing of the token", async () => {
  const client = await against((request) => request.socket.destroy());
  const failure = await client.upsertRecord("customer", KEY, { fields: {} }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DestinationUnreachableError);
  expect(failure).toMatchObject({ code: "destination_unreachable" });
  clients.endServer();
  const refused = await client.upsertRecord("customer", KEY, { fields: {} }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "destination_unreachable" });
  for (const error of [failure, refused]) {
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("s3cret-token");
  }
});

test("the caller's signal ends the request with the caller's reason", async () => {
  const stop = new AbortController();
  const reason = new Error("the worker stops");
  const client = await against(() => stop.abort(reason));
  await expect(client.upsertRecord("customer", KEY, { fields: {} }, { signal: stop.signal })).rejects.toBe(reason);
});

test("a record over 32 KB is refused before anything is sent, one of 32 KB is not", async () => {
  let requests = 0;
  const client = await against((_request, response) => {
    requests += 1;
    response.end("{}");
  });
  const room = 32_768 - Buffer.byteLength(JSON.stringify({ custom_object_fields: { note: "" } }));
  const reply = await client.upsertRecord("customer", KEY, { fields: { note: "ä".repeat(room / 2 + 1) } });
  expect(reply).toMatchObject({ status: 413, errorCode: "record_too_large", sent: false });
  expect(reply.errorText).toContain("nothing was sent");
  expect(requests).toBe(0);
  expect(await client.upsertRecord("customer", KEY, { fields: { note: "x".repeat(room) } })).toMatchObject({
    status: 200,
    sent: true,
  });
});

test("an upsert that meets a connection just being closed goes once more, a job does not", async () => {
  const methods: string[] = [];
  const client = await against(
    (request, response) => {
      methods.push(request.method ?? "");
      // The first request of each connection is answered; the second finds it closed.
      const socket = request.socket as typeof request.socket & { served?: boolean };
      if (socket.served === true) socket.destroy();
      else response.end("{}");
      socket.served = true;
    },
    { concurrency: 1 },
  );
  await client.upsertRecord("customer", KEY, { fields: {} });
  expect(await client.upsertRecord("customer", KEY, { fields: {} })).toMatchObject({ status: 200 });
  expect(methods).toEqual(["PATCH", "PATCH", "PATCH"]);
  await expect(client.ask("POST", "custom_objects/customer/jobs", {})).rejects.toMatchObject({
    code: "destination_unreachable",
  });
  expect(methods.slice(3)).toEqual(["POST"]);
});

test("an answer that repeats the request's credentials is shown without them", async () => {
  const client = await against((request, response) => {
    response.statusCode = 500;
    response.end(`<pre>Authorization: ${request.headers.authorization ?? ""}</pre>`);
  });
  const reply = await client.deleteRecord("customer", KEY);
  expect(reply).toMatchObject({ status: 500, body: "<pre>Authorization: Bearer [hidden]</pre>" });
});

test("an endless answer is cut off", async () => {
  const client = await against((_request, response) => {
    response.statusCode = 500;
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once("drain", pour);
    };
    pour();
  });
  const reply = await client.deleteRecord("customer", KEY);
  expect(String(reply.body)).toHaveLength(8 * 1024 * 1024);
});
