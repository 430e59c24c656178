import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ZendeskClientOptions } from "../client.ts";
import { startClients } from "../server.fixture.ts";
import type { TokenStore } from "../../kind.ts";
import { ownTokenStore } from "./own-token-store.ts";

/** A server that gives out tokens, and knows which of them are good. */
const clients = startClients();
let made: number;
let good: Set<string>;
let asked: { authorization: string | undefined }[];
let tokenRequests: unknown[];
let tokenAnswer: (response: ServerResponse, token: string) => void;
let nowMs: number;
let forbidden: boolean;
/** The answer about the record `slow` leaves when this resolves. */
let slowly: Promise<void>;
let slowOneCame: () => void;

beforeEach(() => {
  made = 0;
  good = new Set();
  asked = [];
  tokenRequests = [];
  nowMs = Date.parse("2026-11-24T08:00:00Z");
  forbidden = false;
  slowly = Promise.resolve();
  slowOneCame = () => {};
  tokenAnswer = (response, access_token) => {
    response.statusCode = 201;
    response.end(JSON.stringify({ access_token, token_type: "bearer", scope: "read write", expires_in: 1800 }));
  };
});
afterEach(clients.close);

async function listener(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/oauth/tokens") {
    tokenRequests.push(await json(request));
    made += 1;
    const token = `access-${made}`;
    good.add(`Bearer ${token}`);
    tokenAnswer(response, token);
    return;
  }
  const { authorization } = request.headers;
  asked.push({ authorization });
  request.resume();
  response.statusCode = !good.has(authorization ?? "") ? 401 : forbidden ? 403 : 200;
  if (request.url?.includes("slow") === true) {
    slowOneCame();
    await slowly;
  }
  response.end('{"error":"Couldn\'t authenticate you"}');
}

const SECRET = "client-s3cret";
const options = (more: Partial<ZendeskClientOptions> = {}): Partial<ZendeskClientOptions> => ({
  auth: { oauth: { clientId: "sluice", clientSecret: SECRET, scope: "read write" } },
  nowMs: () => nowMs,
  ...more,
});
const start = async (more: Partial<ZendeskClientOptions> = {}) =>
  await clients.against((request, response) => void listener(request, response), options(more));
const KEY = { by: "external_id", value: "1" } as const;

test("the first request fetches a token, and all that follow use it", async () => {
  const client = await start();
  const replies = await Promise.all(
    Array.from({ length: 20 }, async () => await client.upsertRecord("customer", KEY, { fields: {} })),
  );
  expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect(tokenRequests).toEqual([
    { grant_type: "client_credentials", client_id: "sluice", client_secret: SECRET, scope: "read write" },
  ]);
});

test("a token that is refused is replaced once, and the request goes again", async () => {
  const client = await start();
  await client.deleteRecord("customer", KEY);
  good.clear();
  const replies = await Promise.all(Array.from({ length: 20 }, async () => await client.deleteRecord("customer", KEY)));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect(tokenRequests).toHaveLength(2);
});

test("a fleet fetches one token for all its processes, and replaces it once", async () => {
  const tokenStore = ownTokenStore();
  const fleet = [
    await start({ tokenStore }),
    ...Array.from({ length: 4 }, () => clients.another(options({ tokenStore }))),
  ];
  const ask = async () => await Promise.all(fleet.map(async (client) => await client.deleteRecord("customer", KEY)));
  await ask();
  expect(tokenRequests).toHaveLength(1);
  good.clear();
  expect((await ask()).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(tokenRequests).toHaveLength(2);
});

test("a token is replaced before it ends, so that no request is refused", async () => {
  const client = await start();
  await client.deleteRecord("customer", KEY);
  nowMs += 1741 * 1000;
  await client.deleteRecord("customer", KEY);
  expect(asked.map(({ authorization }) => authorization)).toEqual(["Bearer access-1", "Bearer access-2"]);
});

test("where the next token is refused too, that is the answer: no request makes more than one refresh", async () => {
  const client = await start();
  await client.deleteRecord("customer", KEY);
  tokenAnswer = (response) => response.writeHead(201).end('{"access_token":"no-good"}');
  good.clear();
  const answers = [];
  for (let i = 0; i < 5; i += 1) answers.push((await client.deleteRecord("customer", KEY)).status);
  expect(answers).toEqual([401, 401, 401, 401, 401]);
  expect(tokenRequests).toHaveLength(2);
});

test("a token that was good is replaced however soon after the last one it is refused", async () => {
  const client = await start();
  for (let i = 0; i < 3; i += 1) {
    expect(await client.deleteRecord("customer", KEY)).toMatchObject({ status: 200 });
    good.clear();
  }
  expect(tokenRequests).toHaveLength(3);
});

test("an answer that comes late, to the token before, says nothing of this one", async () => {
  const client = await start();
  await client.deleteRecord("customer", KEY);
  const { promise: leaves, resolve: release } = Promise.withResolvers<void>();
  slowly = leaves;
  const came = new Promise<void>((resolve) => (slowOneCame = resolve));
  const slow = client.deleteRecord("customer", { by: "external_id", value: "slow" });
  await came;
  good.clear();
  await client.deleteRecord("customer", KEY);
  release();
  expect(await slow).toMatchObject({ status: 200 });
  // So this token, which was good, is still worth replacing.
  good.clear();
  expect(await client.deleteRecord("customer", KEY)).toMatchObject({ status: 200 });
  expect(tokenRequests).toHaveLength(3);
});

test("a token that another process has just fetched is replaced too when it is refused", async () => {
  const tokenStore = ownTokenStore();
  const first = await start({ tokenStore });
  await first.deleteRecord("customer", KEY);
  const second = clients.another(options({ tokenStore }));
  good.clear();
  expect(await second.deleteRecord("customer", KEY)).toMatchObject({ status: 200 });
  expect(tokenRequests).toHaveLength(2);
});

test("where no token was to be had for a moment, the next refusal asks again", async () => {
  const tokenStore = ownTokenStore();
  await (await start({ tokenStore })).deleteRecord("customer", KEY);
  const second = clients.another(options({ tokenStore }));
  good.clear();
  const usual = tokenAnswer;
  tokenAnswer = (response) => response.writeHead(500).end();
  expect(await second.deleteRecord("customer", KEY)).toMatchObject({ status: 500 });
  tokenAnswer = usual;
  expect(await second.deleteRecord("customer", KEY)).toMatchObject({ status: 200 });
});

test("a 403 fetches no token for a young one, and one for an older one", async () => {
  const client = await start();
  forbidden = true;
  expect(await client.deleteRecord("customer", KEY)).toMatchObject({ status: 403 });
  expect(tokenRequests).toHaveLength(1);
  nowMs += 20_000;
  expect(await client.deleteRecord("customer", KEY)).toMatchObject({ status: 403 });
  expect(await client.deleteRecord("customer", KEY)).toMatchObject({ status: 403 });
  expect(tokenRequests).toHaveLength(2);
});

test.each([
  [400, '{"error":"invalid_scope","error_description":"no such scope"}', { status: 401, errorCode: "invalid_scope" }],
  [401, '{"error":"invalid_client"}', { status: 401, errorCode: "invalid_client" }],
  [404, "<html>", { status: 401, errorCode: "authorization_refused" }],
  [200, '{"token":"elsewhere"}', { status: 401, errorCode: "authorization_refused" }],
  [429, "slow down", { status: 429, errorCode: "authorization_refused", retryAfterSeconds: 7 }],
  [503, '{"error":"Maintenance"}', { status: 503, errorCode: "Maintenance", retryAfterSeconds: 7 }],
])("a token request answered with %i %s makes no dead letter of the record", async (status, body, reply) => {
  tokenAnswer = (response) => {
    if (status >= 429) response.setHeader("retry-after", "7");
    response.writeHead(status).end(body);
  };
  const client = await start();
  expect(await client.upsertRecord("customer", KEY, { fields: {} })).toMatchObject(reply);
  expect(asked).toEqual([]);
});

test("no token within the deadline is destination_timeout", async () => {
  tokenAnswer = () => {};
  const client = await start({ timeoutMs: 50 });
  await expect(client.deleteRecord("customer", KEY)).rejects.toMatchObject({ code: "destination_timeout" });
});

test("neither the client's secret nor its token is in the store, in an answer or in an error", async () => {
  const inner = ownTokenStore();
  const shown: unknown[] = [];
  const tokenStore: TokenStore = {
    get: async () => await inner.get(),
    async replace(seen, make) {
      const text = await inner.replace(seen, make);
      shown.push(text, Buffer.from(text, "base64").toString("latin1"));
      return text;
    },
  };
  const client = await start({ tokenStore });
  shown.push(await client.upsertRecord("customer", KEY, { fields: {} }), client);
  good.clear();
  tokenAnswer = (response) => response.writeHead(400).end(JSON.stringify({ error: `echo ${SECRET}` }));
  shown.push(await client.upsertRecord("customer", KEY, { fields: {} }));
  tokenAnswer = (response) => response.destroy();
  shown.push(await client.upsertRecord("customer", KEY, { fields: {} }).catch((error: unknown) => error));
  const text = inspect(shown, { depth: 20, showHidden: true });
  expect(text).toContain("echo [hidden]");
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain("access-1");
});
