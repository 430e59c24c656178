import { readFileSync } from "node:fs";
import { readScheme } from "@sluice/event";
import request from "supertest";
import { expect, test } from "vitest";
import { openDoor } from "../door.fixture.ts";

/** Requests with their verdict, and where the sender insists, the exact answer: see packages/event/vectors. */
type Vector = {
  readonly scheme: string;
  readonly source: string;
  readonly secret: string;
  readonly secrets?: readonly string[];
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly now?: number;
  readonly remote_ip?: string;
  readonly valid: boolean;
  readonly why: string;
  readonly expect?: {
    readonly status: number;
    readonly headers?: { readonly [name: string]: string };
    readonly headersAbsent?: readonly string[];
    readonly body?: string;
  };
};

const vectors = JSON.parse(
  readFileSync(new URL("../../../../packages/event/vectors/source-vectors.json", import.meta.url), "utf8"),
) as readonly Vector[];

/** The sender's own scheme answers its handshake; where a handshake stands alone, it is a scheme by itself. */
const WITH_HANDSHAKE: Readonly<Record<string, string>> = {
  "adobe-io-events": "adobe-io-events",
  "azure-event-grid": "azure-event-grid",
  "business-central": "business-central",
  "sap-event-mesh": "sap-event-mesh",
  asana: "asana",
  cloudevents: "cloudevents",
  monday: "monday",
  woocommerce: "woocommerce",
};

function open(vector: Vector) {
  const isHandshake = vector.scheme.startsWith("handshake-");
  const given = vector.secrets ?? (vector.secret === "" ? [] : [vector.secret]);
  const url = new URL(vector.url);
  return openDoor({
    nowMs: (vector.now ?? 1_793_880_000) * 1_000,
    // The proxy here is this machine, which forwards for the address that the vector names.
    trustedProxies: vector.scheme === "generic-mtls-header" ? ["10.0.0.0/8"] : ["127.0.0.1", "::1"],
    source: {
      scheme: readScheme(isHandshake ? WITH_HANDSHAKE[vector.source] : vector.scheme),
      secrets: given.map((value, index) => ({ value, number: index + 1, notAfterMs: null })),
      publicUrl: `${url.origin}${url.pathname}`,
      bodyLimitBytes: 1_000_000,
    },
  });
}

async function send(vector: Vector) {
  const door = open(vector);
  const method = vector.method.toLowerCase() as "post" | "get" | "options" | "delete";
  const path = new URL(vector.url);
  const client = request(door.app);
  const sending = client[method](`/webhooks/shop${path.search}`)
    .set(vector.remote_ip === undefined ? {} : { "x-forwarded-for": vector.remote_ip })
    .set(vector.headers)
    .buffer(true)
    .parse((response, done) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => done(null, Buffer.concat(parts).toString("utf8")));
    })
    .serialize((raw: unknown) => raw as string);
  const response = await (vector.body === "" ? sending : sending.send(vector.body));
  const [line = "{}"] = door.lines;
  return { door, response, entry: JSON.parse(line) as { msg?: string; code?: string; status?: number } };
}

// A client certificate's header is believed of the proxy's own connection, which here is always this machine's.
const throughTheDoor = vectors.filter(({ scheme, valid }) => scheme !== "generic-mtls-header" || !valid);

test.each(throughTheDoor)("the door judges $scheme: $why", async (vector) => {
  const { door, entry } = await send(vector);
  const isHandshake = vector.scheme.startsWith("handshake-");
  const isAnswered = isHandshake ? entry.msg === "handshake" : !["not_authentic"].includes(entry.code ?? "");
  expect(isAnswered).toBe(vector.valid);
  expect(door.admitted.length === 0 || vector.valid).toBe(true);
});

test.each(vectors.filter((vector) => vector.expect !== undefined))(
  "the door answers $source as it must: $why",
  async (vector) => {
    const { response } = await send(vector);
    const { status, headers = {}, headersAbsent = [], body } = vector.expect!;
    expect(response.status).toBe(status);
    for (const [name, value] of Object.entries(headers)) expect([name, response.headers[name]]).toEqual([name, value]);
    for (const name of headersAbsent) expect(response.headers).not.toHaveProperty([name]);
    expect(body === undefined ? undefined : response.body).toBe(body);
  },
);
