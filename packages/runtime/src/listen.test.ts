import { once } from "node:events";
import { connect } from "node:net";
import { Agent, get, type IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { LIMITS } from "./limits.ts";
import { listen } from "./listen.ts";

test("it listens on loopback and says where", async () => {
  const listening = await listen((_request, response) => response.end("hello"), { role: "ingress", port: 0 });
  onTestFinished(() => listening.close(0));
  expect(listening.url).toBe(`http://127.0.0.1:${listening.port}`);
  expect(await (await fetch(listening.url)).text()).toBe("hello");
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
  socket.on("error", () => {}).resume();
  await once(socket, "connect");
  const connectedAt = performance.now();
  if (drips) socket.write("GET / HTTP/1.1\r\n");
  const dripping = setInterval(() => drips && socket.write("x-drop: 1\r\n"), 100);
  // A drop that meets a closed connection is an error, which `once` would take for its own.
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(dripping);
  await listening.close(0);
  const tookMs = performance.now() - connectedAt;
  expected(tookMs).toBeGreaterThan(LIMITS.headersTimeoutMs - LIMITS.connectionLookMs);
  // Half of Node's own pause between two looks, for a machine that is busy.
  expected(tookMs).toBeLessThan(LIMITS.headersTimeoutMs + 15_000);
});
