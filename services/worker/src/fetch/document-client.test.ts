import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createDocumentClient } from "./document-client.ts";

test("an error page that repeats the request's headers is shown without the keys in them", async () => {
  const api = createServer((request, response) => {
    response
      .writeHead(500)
      .end(`you sent ${String(request.headers["x-api-key"])} and ${request.headers.authorization}`);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void api.close());
  await once(api, "listening");
  const client = createDocumentClient(
    {
      name: "fetch:thin",
      auth: { bearer: "a-bearer-token" },
      headers: { "x-api-key": "a-key-of-its-own" },
      timeoutMs: 5000,
      requestsPerMinute: 60,
      concurrency: 1,
    },
    Date.now,
  );
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/c/1`;
  const { reply } = await client.get(url, new AbortController().signal);
  expect(reply).toMatchObject({ status: 500, body: "you sent [hidden] and Bearer [hidden]" });
});
