import { once } from "node:events";
import { Agent, createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  greet,
  missesCredential,
  readEvents,
  remoteKeys,
  senders,
  signRequest,
  UnreadableBodyError,
  UnsignableError,
  verify,
  type Sender,
  type WebhookRequest,
} from "@sluice/event";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NOW_MS, openDoor } from "./door.fixture.ts";

/* fast-check prints the seed of a run that fails; `{ seed }` beside `numRuns` repeats it. */
const BATCH = 100;
const ENGINE_RUNS = 500;
const DOOR_RUNS = 15;

/** Secrets that nobody knows. */
const SECRETS = ["whsec_bm9ib2R5IGtub3dzIHRoaXMgc2VjcmV0IGF0IGFsbCE=", "nobody:knows-this-either-0123456789"];

const JUNK = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "v1,",
    "v0=",
    "sha256=",
    "t=1793880000,v1=",
    "Bearer ",
    "Basic Og==",
    "AAAA",
    "{}",
    "[]",
    "null",
  ),
  fc.string({ maxLength: 40 }),
  fc.constantFrom("1793880000", "1793880000000", "2026-11-05T12:00:00Z", "-1", "1e3", "99999999999999999999"),
);

/** Bodies that once broke a reader somewhere, and anything else. */
const BODY = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom(
      "",
      "{",
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"a":1,"a":2}',
      '{"id":9223372036854775807,"n":1e999}',
      '"\\ud800"',
      '{"a":"\\u0000"}',
      "[".repeat(10_000),
      `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
      '{"value":[{"clientState":null}]}',
      '{"events":{"length":5}}',
      '{"ids":["a",{}]}',
      '{"token":["a"],"ids":[]}',
      '{"type":"url_verification","challenge":{"toString":1}}',
      "webhook_id=1\n",
      "payload=%7B&payload=%ff",
      '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
      "<a><b></a></b>",
      "<x>".repeat(1_000),
      "\ufeff{}",
    )
    .map((text) => Buffer.from(text)),
);

/** The pieces that a request is made of, whoever it pretends to come from. */
type Pieces = {
  /** Which of the scheme's headers stand there, with their values. */
  readonly headers: readonly (readonly [number, readonly string[]])[];
  /** A body, or what to change in the sender's own. */
  readonly body: Uint8Array | readonly (readonly [at: number, value: number])[];
  readonly method: string;
  readonly query: string;
};

const PIECES: fc.Arbitrary<Pieces> = fc.record({
  headers: fc.array(fc.tuple(fc.nat(1_000), fc.array(JUNK, { minLength: 1, maxLength: 2 })), { maxLength: 5 }),
  body: fc.oneof(BODY, fc.array(fc.tuple(fc.nat(10_000), fc.nat(255)), { maxLength: 3 })),
  method: fc.constantFrom("POST", "POST", "POST", "GET", "OPTIONS", "PUT", "DELETE"),
  query: fc.constantFrom(
    "",
    "code=",
    "k=a&k=a",
    "validationToken=%00",
    "challenge=a%0d%0ab",
    "%ff=%",
    "access_token=x",
  ),
});

const names = new Map(senders().map((sender) => [sender.name, headerNames(sender)]));

function headerNames({ check }: Sender): string[] {
  const own = [...JSON.stringify(check).matchAll(/"([a-z0-9]+(?:-[a-z0-9]+)+)"/g)].map(([, name = ""]) => name);
  return [...own, "authorization", "content-type", "x-forwarded-for", "ce-specversion", "webhook-request-origin"];
}

/** A request made of the parts that the scheme looks at, so that most get past the first question. */
function requestFor(sender: Sender, { headers, body, method, query }: Pieces): WebhookRequest {
  const known = names.get(sender.name) ?? [];
  const path = `/webhooks/${sender.name}`;
  const extra = headers.map(([at, values]) => [known[at % known.length] ?? "", values] as const);
  const plain = Object.entries(sender.sample.headers).map(
    ([name, value]) => [name, [value] as readonly string[]] as const,
  );
  return {
    method,
    url: `https://in.example.com${path}?${query}`,
    path,
    query,
    headers: new Map([...plain, ...extra]),
    body: body instanceof Uint8Array ? body : changed(sender, body),
    remoteAddress: "192.0.2.1",
  };
}

/** The sender's sample with some bytes changed: still nearly what it writes. */
function changed({ sample }: Sender, changes: readonly (readonly [number, number])[]): Uint8Array {
  const body = Buffer.from(typeof sample.body === "string" ? sample.body : JSON.stringify(sample.body));
  for (const [at, value] of changes) body[at % body.length] = value;
  return body;
}

/** The same pieces are offered as several senders' requests: making them up costs more than judging them. */
function batchesOf(among: readonly Sender[], size: number, each: number) {
  const input = fc
    .tuple(PIECES, fc.array(fc.constantFrom(...among), { minLength: each, maxLength: each }))
    .map(([pieces, chosen]) => chosen.map((sender) => ({ sender, request: requestFor(sender, pieces) })));
  return fc.array(input, { minLength: size / each, maxLength: size / each }).map((inputs) => inputs.flat());
}

/** Reads events as the door would; an unreadable request must say so in the one way that the door answers. */
function readOrRefuse(sender: Sender, request: WebhookRequest): void {
  try {
    readEvents(sender, request, "source");
  } catch (error) {
    if (!(error instanceof UnreadableBodyError)) throw error;
  }
}

test(`of ${BATCH * ENGINE_RUNS} requests of strangers none is authentic, and none makes the engine throw`, async () => {
  await fc.assert(
    fc.asyncProperty(batchesOf(senders(), BATCH, 5), async (batch) => {
      for (const { sender, request } of batch) {
        const greeting = greet(sender, request);
        const given = Object.values(greeting?.headers ?? {}).join("");
        if (!/^[\x20-\x7e]*$/.test(given)) throw new Error(`${sender.name} gives back ${given}`);
        missesCredential(sender.check, request);
        remoteKeys(sender, request, SECRETS);
        const verdict = await verify(sender, request, SECRETS, NOW_MS);
        if (verdict.ok) throw new Error(`${sender.name} takes a stranger's request`);
        readOrRefuse(sender, request);
      }
    }),
    { numRuns: ENGINE_RUNS, endOnFailure: true },
  );
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

/** Sources by name whose secret this test knows, so that it can also send what is authentic and odd. */
const SIGNABLE = senders().filter(
  ({ check }) => check.type === "signature" && (check.key === "utf8" || check.keyPrefix === "whsec_"),
);

let server: Server;
let agent: Agent;
let door: ReturnType<typeof openDoor>;

beforeAll(async () => {
  agent = new Agent({ keepAlive: true, maxSockets: 4 });
  door = openDoor({
    trustedProxies: ["10.0.0.0/8"],
    sources: senders().map((sender) => ({
      name: sender.name,
      scheme: sender,
      secrets: SECRETS.map((value, index) => ({ value, number: index + 1, notAfterMs: null })),
      publicUrl: `https://in.example.com/webhooks/${sender.name}`,
    })),
  });
  server = createServer(door.app).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(async () => {
  agent.destroy();
  server.close();
  await once(server, "close");
});

/** Sends what HTTP can carry of a request; null where it can't. */
async function send(name: string, { method, query = "", headers, body }: WebhookRequest): Promise<number | null> {
  const { port } = server.address() as AddressInfo;
  const safe = [...headers].filter(([, values]) => values.every((value) => /^[\x20-\x7e]*$/.test(value)));
  return await new Promise((resolve, reject) => {
    const path = `/webhooks/${name}${query === "" ? "" : `?${query}`}`;
    const sending = httpRequest({ host: "127.0.0.1", port, method, path, agent }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    for (const [header, values] of safe) sending.setHeader(header, [...values]);
    sending.setHeader("content-length", body.length);
    // A body that the door does not want to read meets a closed connection.
    sending.on("error", (error: NodeJS.ErrnoException) =>
      ["ECONNRESET", "EPIPE"].includes(error.code ?? "") ? resolve(null) : reject(error),
    );
    sending.end(body);
  });
}

test(`through the door ${BATCH * DOOR_RUNS} of them store nothing and are never answered with a 500`, async () => {
  await fc.assert(
    fc.asyncProperty(batchesOf(senders(), BATCH, 5), async (batch) => {
      const statuses = await Promise.all(batch.map(async ({ sender, request }) => await send(sender.name, request)));
      expect(statuses.filter((status) => status === 500)).toEqual([]);
      expect(door.admitted).toEqual([]);
    }),
    { numRuns: DOOR_RUNS, endOnFailure: true },
  );
});

test("what is authentic and odd is taken or refused, and never answered with a 500", async () => {
  await fc.assert(
    fc.asyncProperty(batchesOf(SIGNABLE, 40, 2), async (batch) => {
      const statuses = await Promise.all(
        batch.map(async ({ sender, request }) => {
          const name = sender.name;
          const plain = new Map(Object.entries(sender.sample.headers).map(([header, value]) => [header, [value]]));
          const url = `https://in.example.com/webhooks/${name}`;
          const unsigned = { ...request, method: "POST", headers: plain, url, path: `/webhooks/${name}`, query: "" };
          try {
            return await send(name, signRequest(sender, unsigned, SECRETS[0]!, NOW_MS));
          } catch (error) {
            if (!(error instanceof UnsignableError)) throw error;
            return null;
          }
        }),
      );
      expect(statuses.filter((status) => status === 500 || status === 401 || status === 403)).toEqual([]);
    }),
    { numRuns: 20, endOnFailure: true },
  );
  expect(door.admitted.length).toBeGreaterThan(0);
});
