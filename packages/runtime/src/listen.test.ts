import { once } from "node:events";
import { connect } from "node:net";
import { Agent, get, IncomingMessage, ServerResponse } from "node:http";
import express from "express";
import { expect, onTestFinished, test } from "vitest";
import { LIMITS } from "./limits.ts";
import { listen } from "./listen.ts";

test("it listens on loopback and says where", async () => {
  const listening = await listen((_request, response) => response.end("hello"), { role: "ingress", port: 0 });
  onTestFinished(() => listening.close(0));
  expect(listening.url).toBe(`http://127.0.0.1:${listening.port}`);
  expect(await (await fetch(listening.url)).text()).toBe("hello");
});

test("requests and answers of an app are made in the shape that Express gives them", async () => {
  const app = express();
  app.post("/", express.json(), (request, response) => {
    response.status(201).json({ heard: request.body as unknown, host: request.hostname });
  });
  const made: boolean[] = [];
  const { request: asked, response: answered } = app;
  const listener = Object.assign(
    (request: IncomingMessage, response: ServerResponse) => {
      made.push(Object.getPrototypeOf(request) === asked, Object.getPrototypeOf(response) === answered);
      made.push(request instanceof IncomingMessage, response instanceof ServerResponse);
      app(request, response);
    },
    { request: asked, response: answered },
  );
  const listening = await listen(listener, { role: "ingress", port: 0 });
  onTestFinished(() => listening.close(0));
  const body = JSON.stringify({ a: 1 });
  const answer = await fetch(listening.url, { method: "POST", body, headers: { "content-type": "application/json" } });
  expect([answer.status, await answer.json()]).toEqual([201, { heard: { a: 1 }, host: "127.0.0.1" }]);
  expect(made).toEqual([true, true, true, true]);
});

test("a port that is taken is an error with the variable that moves it", async () => {
  const first = await listen(() => {}, { role: "ingress", port: 0 });
  onTestFinished(() => first.close(0));
  await expect(listen(() => {}, { role: "records", port: first.port })).rejects.toMatchObject({
    code: "port_taken",
    message: expect.stringContaining(String(first.port)),
    hint: expect.stringContaining("SLUICE_RECORDS_PORT"),
  });
  await expect(listen(() => {}, { role: "records", port: 0, host: "203.0.113.1" })).rejects.toMatchObject({
    code: "address_unusable",
    hint: expect.stringContaining("SLUICE_HOST"),
  });
});

test("closing lets a request under way finish, and does not wait for idle connections", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const listening = await listen(
    (request, response) => {
      if (request.url === "/quick") return void response.end("quick");
      arrived.resolve();
      void answer.promise.then(() => response.end("finished"));
    },
    { role: "ingress", port: 0 },
  );
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const [idle] = (await once(get(`${listening.url}/quick`, { agent }), "response")) as [IncomingMessage];
  idle.resume();
  await once(idle, "end");
  const slow = fetch(`${listening.url}/slow`);
  await arrived.promise;
  const closing = listening.close(10_000);
  await expect(fetch(listening.url)).rejects.toThrow();
  answer.resolve();
  expect(await (await slow).text()).toBe("finished");
  await closing;
});

test("after the deadline what is still under way is cut", async () => {
  const arrived = Promise.withResolvers<void>();
  const listening = await listen(() => arrived.resolve(), { role: "ingress", port: 0 });
  const hung = fetch(listening.url);
  await arrived.promise;
  await Promise.all([expect(hung).rejects.toThrow(), listening.close(10)]);
});

// Both wait for the same seconds, beside one another. Node looks every 30 s unless it is told to, and once such connections lived for 40.
test.concurrent.for<[string, boolean]>([
  ["says nothing", false],
  ["sends its head drop by drop", true],
])("a connection that %s is cut when the time for a head is over", async ([, drips], { expect: expected }) => {
  const listening = await listen((_request, response) => response.end(), { role: "ingress", port: 0 });
  const socket = connect(listening.port, "127.0.0.1");
  const heard: Buffer[] = [];
  socket.on("error", () => {}).on("data", (part: Buffer) => heard.push(part));
  await once(socket, "connect");
  const connectedAt = performance.now();
  if (drips) socket.write("GET / HTTP/1.1\r\n");
  const dripping = setInterval(() => drips && socket.write("x-drop: 1\r\n"), 100);
  // A drop that meets a closed connection is an error, which `once` would take for its own.
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(dripping);
  await listening.close(0);
  expected(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1[.]1 408 .*"code":"request_timeout"/s);
  const tookMs = performance.now() - connectedAt;
  expected(tookMs).toBeGreaterThan(LIMITS.headersTimeoutMs - LIMITS.connectionLookMs);
  // Half of Node's own pause between two looks, for a machine that is busy.
  expected(tookMs).toBeLessThan(LIMITS.headersTimeoutMs + 15_000);
});

test.for([
  ["of another protocol", "\x16\x03\x01\x02\x00\x01", 400, "request_unreadable"],
  ["with a header that has no name", "GET / HTTP/1.1\r\n: 1\r\n\r\n", 400, "request_unreadable"],
  [
    "with two lengths",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    400,
    "request_unreadable",
  ],
  [
    "with a head that is too large",
    `GET / HTTP/1.1\r\nhost: a\r\nx-large: ${"x".repeat(20_000)}\r\n\r\n`,
    431,
    "headers_too_large",
  ],
] as const)("a request %s is told what is wrong and what to do", async ([, sent, status, code]) => {
  const listening = await listen((_request, response) => response.end(), { role: "ingress", port: 0 });
  onTestFinished(() => listening.close(0));
  const answer = await answerTo(listening.port, sent);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1[.]1 ${status} `));
  expect(head.toLowerCase()).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toEqual({ error: { code, message: expect.any(String), hint: expect.any(String) } });
});

test("an answer that has begun gets none of another request's fault into it", async () => {
  const listening = await listen(
    (request, response) => {
      response.write("begun");
      request.resume();
    },
    { role: "ingress", port: 0 },
  );
  onTestFinished(() => listening.close(0));
  const answer = await answerTo(
    listening.port,
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n",
    "no length\r\n",
  );
  expect(answer).toContain("begun");
  expect(answer).not.toContain("request_unreadable");
});

/** All that a server says to these bytes until it closes the connection; the second ones follow its first word. */
async function answerTo(port: number, first: string, second?: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const heard: Buffer[] = [];
  socket
    .on("error", () => {})
    .on("data", (part: Buffer) => {
      if (heard.push(part) === 1 && second !== undefined) socket.write(second);
    });
  socket.write(Buffer.from(first, "latin1"));
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(heard).toString();
}
