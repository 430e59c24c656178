import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Response } from "express";
import { expect, onTestFinished, test } from "vitest";
import { createEventStreams, type EventStream } from "./event-streams.ts";

test.each([
  ["reads what it is sent", true],
  ["reads nothing", false],
])("a browser that %s has no place any more once its time is over", async (_what, isReading) => {
  const streams = createEventStreams(300);
  const opened = Promise.withResolvers<EventStream>();
  const server = createServer((_request, response) => opened.resolve(streams.open(response as Response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => {
    browser.destroy();
    server.close();
  });
  browser.on("error", () => {});
  if (isReading) browser.resume();
  browser.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const stream = await opened.promise;
  const ended = new Promise<void>((resolve) => stream.onEnd(resolve));
  // More than the sockets on both sides hold for a reader.
  stream.send("now", "x".repeat(isReading ? 1000 : 16_000_000));
  expect(stream.send("now", 1)).toBe(isReading);
  await ended;
  expect(stream.send("now", 1)).toBe(false);
});
