import fc from "fast-check";
import { expect, test } from "vitest";
import { findScheme, senders } from "../catalog.ts";
import type { Json } from "../event.ts";
import { asRequest, keep, keepWithIds } from "./kept-webhook.ts";
import { readEvents } from "../events/read-events.ts";
import { readScheme } from "../written-schemes/read-scheme.ts";
import type { WebhookRequest } from "../request.ts";
import type { Scheme } from "../scheme.ts";
import { sampleRequest } from "../sender.fixture.ts";
import { signRequest, UnsignableError } from "../signature/sign.ts";
import { UnreadableBodyError } from "../body/unreadable-body.ts";
import { TABLES, VECTORS, vectorRequest } from "../verification/vectors.fixture.ts";

function attempt(scheme: Scheme, request: WebhookRequest): unknown {
  return orWhyNot(() => readEvents(scheme, request, "s"));
}

function orWhyNot<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableBodyError) return error.message;
    throw error;
  }
}

const idsOfEvents = (scheme: Scheme, request: WebhookRequest) =>
  orWhyNot(() => readEvents(scheme, request, "s").map(({ id }) => id));

function requestOf(
  body: string | Uint8Array,
  { headers = {}, query = "" }: { headers?: { readonly [name: string]: string }; query?: string } = {},
): WebhookRequest {
  return {
    method: "POST",
    url: `https://in.example.com/webhooks/x?${query}`,
    path: "/webhooks/x",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: typeof body === "string" ? Buffer.from(body) : body,
  };
}

const keptText = (scheme: Scheme, request: WebhookRequest): string => JSON.stringify(keep(scheme, request));

/** Writes the webhook down as JSON, and reads it again. */
function readAgain(scheme: Scheme, request: WebhookRequest): unknown {
  return attempt(scheme, asRequest(JSON.parse(keptText(scheme, request)) as ReturnType<typeof keep>));
}

/** Whether the scheme has a secret: an address is none, nor is a public key. */
const isSecret = ({ check }: Scheme): boolean =>
  check.type !== "ip" && !((check.type === "signature" || check.type === "members") && check.key === "pem-bundle");

const EVENTFUL = VECTORS.filter(({ scheme }) => !scheme.startsWith("handshake-"));

test.each(EVENTFUL)("what is kept of $scheme has the same events and no secret: $why", (vector) => {
  const request = vectorRequest(vector);
  for (const scheme of [findScheme(vector.scheme) as Scheme, readScheme(TABLES[vector.scheme])]) {
    expect(readAgain(scheme, request)).toEqual(attempt(scheme, request));
    expect(orWhyNot(() => keepWithIds(scheme, request).ids)).toEqual(idsOfEvents(scheme, request));
    if (!isSecret(scheme)) continue;
    const kept = keptText(scheme, request);
    for (const secret of vector.secrets ?? [vector.secret]) {
      // Any text has a secret of one letter in it.
      for (const part of [secret, secret.replace(/^[^:]*:/, "")].filter((each) => each.length > 1)) {
        expect(kept).not.toContain(part);
      }
    }
  }
});

const SECRET = "d0ntKeepThis";
const CASES = senders().flatMap((sender) => {
  const secret = sender.name === "salesforce-outbound-message" ? "00D0Y000000abcdUAA" : `${SECRET}:${SECRET}`;
  try {
    return [{ sender, secret, request: signRequest(sender, sampleRequest(sender), secret, 1_793_880_000_000) }];
  } catch (error) {
    // Such a sender's proof is a key pair of its own or an address.
    if (!(error instanceof UnsignableError)) throw error;
    return [{ sender, secret, request: sampleRequest(sender) }];
  }
});

test.each(CASES)("$sender.title: what is kept of the sample has the same events and no secret", (each) => {
  const { sender, secret, request } = each;
  expect(readAgain(sender, request)).toEqual(attempt(sender, request));
  expect(orWhyNot(() => keepWithIds(sender, request).ids)).toEqual(idsOfEvents(sender, request));
  const kept = keptText(sender, request);
  for (const part of [secret, SECRET, Buffer.from(secret).toString("base64")]) expect(kept).not.toContain(part);
});

const written = (from: string, event: { readonly [name: string]: unknown } = {}, rest = {}): Scheme =>
  readScheme({ type: "token", from, event, ...rest });

const member = fc.constantFrom("token", "a", "b", "t\\u006fken", 'q\\"', "__proto__", "");
const jsonText = fc.letrec<{ value: string; object: string; array: string; text: string; other: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, tie("text"), tie("other"), tie("object"), tie("array")),
  text: fc.constantFrom(`"${SECRET}"`, '"x"', '""', `"a\\"${SECRET}\\\\"`, '"}]"'),
  other: fc.constantFrom("1", "-0", "1.10", "12345678901234567890", "1e3", "null", "true"),
  object: fc
    .array(fc.tuple(member, tie("value")), { maxLength: 4 })
    .map((members) => `{ ${members.map(([name, value]) => `"${name}" : ${value}`).join(" , ")} }`),
  array: fc.array(tie("value"), { maxLength: 3 }).map((values) => `[${values.join(",")}\n]`),
}));

test("whatever a body looks like, what is kept of it is as readable and has the same events", () => {
  const schemes = [
    written("json:token"),
    written("json:a[].token", { split: "many" }),
    written("json:a.b", { split: { at: "a[].b", carry: ["token"], otherwise: "many" }, omit: ["token", "b"] }),
    written("header:x", { omit: ["token"], data: "{event.a}" }, { body: "form" }),
  ];
  fc.assert(
    fc.property(fc.oneof(jsonText.object, jsonText.array), fc.nat({ max: 40 }), fc.boolean(), (text, cut, isCut) => {
      for (const scheme of schemes) {
        const request = requestOf(isCut ? text.slice(0, -cut) : text);
        expect(readAgain(scheme, request)).toEqual(attempt(scheme, request));
      }
    }),
    { seed: 11, numRuns: 2_000 },
  );
});

test("a credential in a body is blank wherever the scheme says that it stands, and the rest is as it was written", () => {
  const zoho = findScheme("zoho-crm") as Scheme;
  const text = `{ "tok\\u0065n" : "${SECRET}", "server_time":12345678901234567890, "affected_values":[{"values":{"token":"a field", "n":1.10}}], "ids":["1"], "token":{"x":["${SECRET}"]} }`;
  expect(keep(zoho, requestOf(text)).body).toBe(text.replace(`"${SECRET}"`, '""').replace(`{"x":["${SECRET}"]}`, '""'));
  const central = findScheme("business-central") as Scheme;
  const batch = JSON.stringify({ value: [{ clientState: SECRET }, { clientState: SECRET, resource: "r" }] });
  expect(keep(central, requestOf(batch)).body).toBe('{"value":[{"clientState":""},{"clientState":"","resource":"r"}]}');
  expect(keep(central, requestOf(`\uFEFF${batch}`)).body).not.toContain(SECRET);
});

test("a token that the scheme does not omit is blank in the event, too", () => {
  const scheme = written("json:auth.token");
  expect(readEvents(scheme, requestOf(`{"auth":{"token":"${SECRET}"},"n":1}`), "s")[0]?.data).toEqual({
    auth: { token: "" },
    n: 1,
  });
});

test("of an Outbound Message neither session nor organisation is kept, in whatever form they are written", () => {
  const sender = findScheme("salesforce-outbound-message") as Scheme;
  const request = sampleRequest(senders().find(({ name }) => name === sender.name)!);
  const soap = Buffer.from(request.body).toString("utf8");
  const message = soap
    .replace('<SessionId xsi:nil="true"/>', `<SessionId>${SECRET}<![CDATA[${SECRET}]]></SessionId>`)
    .replace("<Notification>", `<EnterpriseUrl>https://x/${SECRET}</EnterpriseUrl><Notification>`);
  const kept = keep(sender, { ...request, body: Buffer.from(message) });
  expect(kept.body).toContain("<OrganizationId></OrganizationId>");
  expect(kept.body).toContain("<EnterpriseUrl></EnterpriseUrl><Notification><Id>04l0Y00000pQ0001QAJ</Id>");
  expect(kept.body).not.toContain(SECRET);
  expect(attempt(sender, asRequest(kept))).toEqual(attempt(sender, request));
});

test("a form's credentials are blank, those in its JSON among them", () => {
  const scheme = written("query:k", { omit: ["token"] }, { body: "form" });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const form = keep(scheme, requestOf(`token=${SECRET}&command=%2Fx`, { headers }));
  expect(form.body).toBe("token=&command=%2Fx");
  const payload = encodeURIComponent(JSON.stringify({ token: SECRET, n: 1 }));
  const nested = keep(scheme, requestOf(`payload=${payload}`, { headers }));
  expect(new URLSearchParams(nested.body).get("payload")).toBe('{"token":"","n":1}');
});

test("headers and parameters that are named like credentials are not kept, unless the scheme reads its events from them", () => {
  const scheme = readScheme({
    type: "any",
    of: [
      { type: "token", from: "query:k" },
      { type: "token", from: "header:x-proof" },
    ],
    event: { id: "{header:x-signature-id}", type: "{query:token_type}" },
  });
  const headers = { "x-proof": SECRET, "x-api-key": SECRET, cookie: SECRET, "x-signature-id": "1", "x-topic": "t" };
  const query = `k=${SECRET}&token_type=a%20b&access_token=${SECRET}&op=delete&k=2`;
  const request = requestOf("{}", { headers, query });
  const kept = keep(scheme, request);
  expect(kept).toEqual({
    method: "POST",
    url: "https://in.example.com/webhooks/x",
    path: "/webhooks/x",
    query: "token_type=a+b&op=delete",
    headers: [
      ["x-signature-id", "1"],
      ["x-topic", "t"],
    ],
    body: "{}",
  });
  expect(readEvents(scheme, asRequest(kept), "s")).toMatchObject([
    { id: "1", type: "a b", headers: { "x-topic": "t" } },
  ]);
});

test("CloudEvents in binary mode keep their headers, and any text their bytes", () => {
  const scheme = findScheme("cloudevents") as Scheme;
  const headers = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/a",
    "ce-type": "t",
    "ce-sessiontoken": "an attribute",
    authorization: SECRET,
    "content-type": "text/plain",
  };
  const request = requestOf("\uFEFFtext", { headers });
  expect(keptText(scheme, request)).not.toContain(SECRET);
  const [event] = readAgain(scheme, request) as [{ data: Json }];
  expect(event.data).toMatchObject({ data_base64: "77u/dGV4dA==", sessiontoken: "an attribute" });
  expect(readAgain(scheme, request)).toEqual(attempt(scheme, request));
});

test("a header that came twice is kept twice, and a body that is no UTF-8 is refused", () => {
  const scheme = findScheme("generic-bearer") as Scheme;
  const request = { ...requestOf("{}"), headers: new Map([["x-a", ["1", "2"]]]) };
  expect(asRequest(keep(scheme, request)).headers.get("x-a")).toEqual(["1", "2"]);
  expect(() => keep(scheme, requestOf(Buffer.from([0x7b, 0xff, 0x7d])))).toThrow(UnreadableBodyError);
});
