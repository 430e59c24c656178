import type { History } from "@sluice/history";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, inject, onTestFinished, test } from "vitest";
import { openConsole, TEXT } from "../../services/console/src/console.fixture.ts";
import { startConsole } from "../../services/console/src/start.ts";
import { startRedisProxy } from "../chaos/redis-proxy.ts";
import { watchLeftBehind } from "../left-behind.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** A receiver of webhooks about issues that takes them all. */
async function openReceiver() {
  let taken = 0;
  const server = createServer((request, response) => {
    taken += 1;
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, taken: () => taken };
}

test.each([
  ["Redis answers", true],
  ["Redis is away", false],
])("a console that is closed while %s leaves nothing that goes on", async (_, isThere) => {
  const watched = watchLeftBehind();
  onTestFinished(() => watched.close());
  const receiver = await openReceiver();
  const proxy = await startRedisProxy(inject("redisUrl"), () => 0);
  let close = async (): Promise<void> => {};
  const { url, fail } = await openConsole(
    `${TEXT}\nissue_webhooks:\n  - { url: "${receiver.url}", secret: ${SECRET} }\n`,
    {} as History,
    async (options) => {
      const running = await watched.run(async () => await startConsole({ ...options, redisUrl: proxy.url }));
      let closing: Promise<void> | null = null;
      close = async () => await (closing ??= running.close());
      return { ...running, close };
    },
  );
  // Everything is at work: a page listens, and the turn of an issue was delivered.
  const listens = new AbortController();
  onTestFinished(() => listens.abort());
  const headers = { authorization: "Bearer operator-token" };
  const stream = await fetch(`${url}/api/now/stream`, { headers, signal: listens.signal });
  expect(stream.status).toBe(200);
  await fail(["a"]);
  await expect.poll(receiver.taken).toBeGreaterThan(0);
  expect(watched.left().length).toBeGreaterThan(10);

  if (!isThere) await proxy.close();
  await close();
  await expect.poll(watched.left).toEqual([]);
  if (isThere) await proxy.close();
});
