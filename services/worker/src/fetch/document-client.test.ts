import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createDocumentClient } from "./document-client.ts";

const FRAME = {
  name: "fetch:thin",
  headers: {},
  timeoutMs: 5000,
  requestsPerMinute: 60,
  concurrency: 2,
  privateAddresses: false,
};
const never = new AbortController().signal;

test("an error page that repeats the request's headers is shown without the keys in them", async () => {
  const api = createServer((request, response) => {
    response
      .writeHead(500)
      .end(`you sent ${String(request.headers["x-api-key"])} and ${request.headers.authorization}`);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void api.close());
  await once(api, "listening");
  const client = createDocumentClient(
    { ...FRAME, auth: { bearer: "a-bearer-token" }, headers: { "x-api-key": "a-key-of-its-own" } },
    Date.now,
  );
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/c/1`;
  const { reply } = await client.get(url, never);
  expect(reply).toMatchObject({ status: 500, body: "you sent [hidden] and Bearer [hidden]" });
});

test("a token that is refused to several requests at once is replaced once", async () => {
  let made = 0;
  let refused = 0;
  const renewed = Promise.withResolvers<void>();
  const api = createServer((request, response) => {
    void (async () => {
      if (request.url === "/token") {
        made += 1;
        response.end(JSON.stringify({ access_token: `token-${made}`, expires_in: 3600 }));
      } else if (request.headers.authorization === "Bearer token-1") {
        refused += 1;
        // The second hears it only once the first has its document.
        if (refused > 1) await renewed.promise;
        response.writeHead(401).end();
      } else {
        response.end("{}");
        renewed.resolve();
      }
    })();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void api.close());
  await once(api, "listening");
  const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const oauth = { tokenUrl: `${origin}/token`, clientId: "me", clientSecret: "hush-hush", scope: undefined };
  const client = createDocumentClient({ ...FRAME, auth: { oauth: { ...oauth, clientIn: "header" } } }, Date.now);
  const found = await Promise.all([client.get(`${origin}/a`, never), client.get(`${origin}/b`, never)]);
  expect(found.map(({ reply }) => reply.status)).toEqual([200, 200]);
  expect({ made, refused }).toEqual({ made: 2, refused: 2 });
});

test("an API that does not answer in time, and a stop, end a request with what each is", async () => {
  const api = createServer(() => {}).listen(0, "127.0.0.1");
  onTestFinished(() => api.close().closeAllConnections());
  await once(api, "listening");
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/c/1`;
  const client = (timeoutMs: number) => createDocumentClient({ ...FRAME, timeoutMs, auth: null }, Date.now);
  await expect(client(50).get(url, never)).rejects.toMatchObject({ code: "destination_timeout" });
  const stop = new AbortController();
  const asked = client(60_000).get(url, stop.signal);
  stop.abort(new Error("the worker stops"));
  await expect(asked).rejects.toThrow("the worker stops");
});
