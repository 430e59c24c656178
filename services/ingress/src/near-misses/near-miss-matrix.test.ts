import { createHash, createHmac } from "node:crypto";
import { senders } from "@sluice/event";
import { expect, test } from "vitest";
import { NOW_MS } from "../door.fixture.ts";
import { base64, judge, NOW_SECONDS, PUBLIC, TEXT } from "./near-miss.fixture.ts";

/* The same near misses for every sender that signs with a shared secret, by its own formula and not by the engine's. */

type Clock = "none" | "s" | "ms" | "iso8601";

/** How a sender signs, as its documentation says it. */
type Formula = {
  readonly scheme: string;
  readonly clock: Clock;
  readonly secret: string;
  readonly otherSecret: string;
  readonly encoding: "hex" | "base64";
  /** The headers that the signature stands in, with nothing but `signature` changing. */
  readonly headers: (signature: string, time: string) => Readonly<Record<string, string>>;
  readonly signatureHeader: string;
  readonly digest: (secret: string, body: string, time: string) => Buffer;
  /** The signature's header is a list, and several lines of it are as good as one: a rotation has one line for each secret. */
  readonly isList?: true;
};

const mac = (algorithm: string, key: string | Buffer, content: string) =>
  createHmac(algorithm, key).update(content).digest();
const decoded = (secret: string, encoding: "hex" | "base64") => Buffer.from(secret.replace("whsec_", ""), encoding);

function bodyAlone(
  scheme: string,
  header: string,
  encoding: "hex" | "base64",
  prefix = "",
  algorithm = "sha256",
): Formula {
  return {
    scheme,
    clock: "none",
    secret: "a-text-of-ours",
    otherSecret: "another-text-of-ours",
    encoding,
    signatureHeader: header,
    headers: (signature) => ({ [header]: prefix + signature }),
    digest: (secret, body) => mac(algorithm, secret, body),
  };
}

function standard(scheme: string, names: string, key: (secret: string) => string | Buffer): Formula {
  return {
    scheme,
    clock: "s",
    secret: `whsec_${base64(Buffer.alloc(32, 3))}`,
    otherSecret: `whsec_${base64(Buffer.alloc(32, 4))}`,
    encoding: "base64",
    signatureHeader: `${names}-signature`,
    headers: (signature, time) => ({
      [`${names}-id`]: "msg_1",
      [`${names}-timestamp`]: time,
      [`${names}-signature`]: `v1,${signature}`,
    }),
    digest: (secret, body, time) => mac("sha256", key(secret), `msg_1.${time}.${body}`),
  };
}

const FORMULAS: readonly Formula[] = [
  bodyAlone("shopify", "x-shopify-hmac-sha256", "base64"),
  bodyAlone("shopify-events", "shopify-hmac-sha256", "base64"),
  bodyAlone("woocommerce", "x-wc-webhook-signature", "base64"),
  bodyAlone("xero", "x-xero-signature", "base64"),
  bodyAlone("quickbooks", "intuit-signature", "base64"),
  bodyAlone("frappe", "x-frappe-webhook-signature", "base64"),
  bodyAlone("attio", "attio-signature", "hex"),
  bodyAlone("asana", "x-hook-signature", "hex"),
  bodyAlone("github", "x-hub-signature-256", "hex", "sha256="),
  bodyAlone("intercom", "x-hub-signature", "hex", "sha1=", "sha1"),
  bodyAlone("linear", "linear-signature", "hex"),
  bodyAlone("jira", "x-hub-signature", "hex", "sha256="),
  bodyAlone("typeform", "typeform-signature", "base64", "sha256="),
  bodyAlone("gocardless", "webhook-signature", "hex"),
  bodyAlone("lemon-squeezy", "x-signature", "hex"),
  bodyAlone("docusign", "x-docusign-signature-1", "base64"),
  { ...bodyAlone("mollie", "x-mollie-signature", "hex", "sha256="), isList: true },
  bodyAlone("clickup", "x-signature", "hex"),
  bodyAlone("razorpay", "x-razorpay-signature", "hex"),
  bodyAlone("paystack", "x-paystack-signature", "hex", "", "sha512"),
  { ...bodyAlone("pagerduty", "x-pagerduty-signature", "hex", "v1="), isList: true },
  bodyAlone("checkout-com", "cko-signature", "hex"),
  bodyAlone("help-scout", "x-helpscout-signature", "base64", "", "sha1"),
  bodyAlone("notion", "x-notion-signature", "hex", "sha256="),
  {
    ...bodyAlone("adyen-platforms", "hmacsignature", "base64"),
    secret: "44782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056",
    otherSecret: "54782def547aaa06c910c43932b1eb0c71fc68d9d0c057550c48ec2acf6ba056",
    digest: (secret, body) => mac("sha256", decoded(secret, "hex"), body),
  },
  {
    ...bodyAlone("klaviyo", "klaviyo-signature", "hex"),
    headers: (signature) => ({ "klaviyo-signature": signature, "klaviyo-timestamp": "1793880000" }),
    digest: (secret, body) => mac("sha256", secret, `${body}1793880000`),
  },
  {
    ...bodyAlone("recurly", "recurly-signature", "hex"),
    clock: "ms",
    headers: (signature, time) => ({ "recurly-signature": `${time},${signature}` }),
    digest: (secret, body, time) => mac("sha256", secret, `${time}.${body}`),
  },
  {
    ...bodyAlone("revolut-business", "revolut-signature", "hex"),
    isList: true,
    clock: "ms",
    headers: (signature, time) => ({ "revolut-signature": `v1=${signature}`, "revolut-request-timestamp": time }),
    digest: (secret, body, time) => mac("sha256", secret, `v1.${time}.${body}`),
  },
  {
    // A body without an equals sign is the name of one field without a value.
    ...bodyAlone("twilio", "x-twilio-signature", "base64"),
    digest: (secret, body) => mac("sha1", secret, PUBLIC + body),
  },
  {
    ...bodyAlone("calendly", "calendly-webhook-signature", "hex"),
    clock: "s",
    headers: (signature, time) => ({ "calendly-webhook-signature": `t=${time},v1=${signature}` }),
    digest: (secret, body, time) => mac("sha256", secret, `${time}.${body}`),
  },
  {
    ...bodyAlone("paddle", "paddle-signature", "hex"),
    clock: "s",
    headers: (signature, time) => ({ "paddle-signature": `ts=${time};h1=${signature}` }),
    digest: (secret, body, time) => mac("sha256", secret, `${time}:${body}`),
  },
  bodyAlone("generic-hmac", "x-sluice-signature", "hex"),
  bodyAlone("sap-business-one", "x-sluice-signature", "base64"),
  standard("standard-webhooks", "webhook", (secret) => decoded(secret, "base64")),
  standard("svix", "svix", (secret) => decoded(secret, "base64")),
  standard("bigcommerce", "webhook", (secret) => secret),
  {
    ...bodyAlone("hubspot-v1", "x-hubspot-signature", "hex"),
    digest: (secret, body) =>
      createHash("sha256")
        .update(secret + body)
        .digest(),
  },
  {
    ...bodyAlone("hubspot-v2", "x-hubspot-signature", "hex"),
    digest: (secret, body) => createHash("sha256").update(`${secret}POST${PUBLIC}${body}`).digest(),
  },
  {
    ...bodyAlone("hubspot-v3", "x-hubspot-signature-v3", "base64"),
    clock: "ms",
    headers: (signature, time) => ({ "x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": time }),
    digest: (secret, body, time) => mac("sha256", secret, `POST${PUBLIC}${body}${time}`),
  },
  {
    ...bodyAlone("square", "x-square-hmacsha256-signature", "base64"),
    digest: (secret, body) => mac("sha256", secret, PUBLIC + body),
  },
  {
    ...bodyAlone("airtable", "x-airtable-content-mac", "hex", "hmac-sha256="),
    secret: base64(Buffer.alloc(32, 3)),
    otherSecret: base64(Buffer.alloc(32, 4)),
    digest: (secret, body) => mac("sha256", decoded(secret, "base64"), body),
  },
  {
    ...bodyAlone("stripe", "stripe-signature", "hex"),
    clock: "s",
    headers: (signature, time) => ({ "stripe-signature": `t=${time},v1=${signature},v0=${"0".repeat(64)}` }),
    digest: (secret, body, time) => mac("sha256", secret, `${time}.${body}`),
  },
  {
    ...bodyAlone("slack", "x-slack-signature", "hex"),
    clock: "s",
    headers: (signature, time) => ({ "x-slack-signature": `v0=${signature}`, "x-slack-request-timestamp": time }),
    digest: (secret, body, time) => mac("sha256", secret, `v0:${time}:${body}`),
  },
  {
    ...bodyAlone("close", "close-sig-hash", "hex"),
    clock: "s",
    secret: Buffer.alloc(32, 3).toString("hex"),
    otherSecret: Buffer.alloc(32, 4).toString("hex"),
    headers: (signature, time) => ({ "close-sig-hash": signature, "close-sig-timestamp": time }),
    digest: (secret, body, time) => mac("sha256", decoded(secret, "hex"), time + body),
  },
  {
    ...bodyAlone("zendesk", "x-zendesk-webhook-signature", "base64"),
    clock: "iso8601",
    headers: (signature, time) => ({
      "x-zendesk-webhook-signature": signature,
      "x-zendesk-webhook-signature-timestamp": time,
    }),
    digest: (secret, body, time) => mac("sha256", secret, time + body),
  },
  {
    ...bodyAlone("netsuite", "x-sluice-signature", "hex"),
    clock: "s",
    headers: (signature, time) => ({ "x-sluice-signature": signature, "x-sluice-timestamp": time }),
    digest: (secret, body, time) => mac("sha256", secret, `${time}.${body}`),
  },
  {
    ...bodyAlone("servicenow", "x-sluice-signature", "base64"),
    clock: "s",
    headers: (signature, time) => ({ "x-sluice-signature": signature, "x-sluice-timestamp": time }),
    digest: (secret, body, time) => mac("sha256", secret, `${time}.${body}`),
  },
  {
    ...bodyAlone("generic-hmac-sha512", "x-sluice-signature", "hex"),
    clock: "s",
    headers: (signature, time) => ({ "x-sluice-signature": `sha512=${signature}`, "x-sluice-timestamp": time }),
    digest: (secret, body, time) => mac("sha512", secret, `${time}.POST.${new URL(PUBLIC).pathname}.${body}`),
  },
];

/** The sender's time, so many seconds from ours. */
function timeAt(clock: Clock, seconds: number): string {
  if (clock === "iso8601") return new Date(NOW_MS + seconds * 1000).toISOString().replace(".000Z", "Z");
  return clock === "ms" ? String(NOW_MS + seconds * 1000) : String(NOW_SECONDS + seconds);
}

type Sent = { readonly headers: Readonly<Record<string, string | string[]>>; readonly body?: string };
type Case = readonly [why: string, authentic: boolean, sent: Sent, secrets?: readonly string[]];

function* casesOf(formula: Formula): Generator<Case> {
  const { clock, secret, otherSecret, encoding, headers, signatureHeader: header, digest, isList = false } = formula;
  const now = timeAt(clock, 0);
  const sign = (body = TEXT, time = now, key = secret) => digest(key, body, time).toString(encoding);
  const good = headers(sign(), now);
  const value = good[header] ?? "";
  const replaced = (signature: string): Sent => ({ headers: headers(signature, now) });

  yield ["as it is sent", true, { headers: good }];
  const capitals = Object.entries(good).map(([name, text]) => [name.toUpperCase(), text] as const);
  yield ["the names of the headers in capitals", true, { headers: Object.fromEntries(capitals) }];
  yield ["the second of two secrets", true, { headers: good }, [otherSecret, secret]];
  yield ["the first of two secrets", true, { headers: good }, [secret, otherSecret]];
  yield ["another secret", false, { headers: good }, [otherSecret]];
  yield ["nothing", false, { headers: {} }];
  yield ["an empty signature header", false, { headers: { ...good, [header]: "" } }];
  yield ["the signature's header twice", isList, { headers: { ...good, [header]: [value, value] } }];
  yield ["a good and a bad header", isList, { headers: { ...good, [header]: [value, "AAAA"] } }];
  yield ["no signature after its prefix", false, replaced("")];
  yield ["a signature cut by a byte", false, replaced(digest(secret, TEXT, now).subarray(1).toString(encoding))];
  yield [
    "a signature with a byte more",
    false,
    replaced(Buffer.concat([digest(secret, TEXT, now), Buffer.from([0])]).toString(encoding)),
  ];
  yield ["zeros", false, replaced(Buffer.alloc(digest(secret, TEXT, now).length).toString(encoding))];
  yield [
    "the other encoding",
    false,
    replaced(digest(secret, TEXT, now).toString(encoding === "hex" ? "base64" : "hex")),
  ];
  yield ["a signature of an empty body on this one", false, { headers: headers(sign(""), now) }];
  yield ["this signature on an empty body", false, { headers: good, body: "" }];
  yield ["a space behind the body", false, { headers: good, body: `${TEXT} ` }];
  yield ["a line's end behind the body", false, { headers: good, body: `${TEXT}\n` }];
  yield ["a byte order mark before the body", false, { headers: good, body: `\ufeff${TEXT}` }];
  yield ["the same JSON in another order", false, { headers: good, body: '{"id":"1","type":"a","event":{"id":"1"}}' }];
  const umlaut = '{"event":{"id":"1"},"id":"1","type":"ü \\u00fc 😀"}';
  yield ["letters beyond ASCII", true, { headers: headers(sign(umlaut), now), body: umlaut }];
  yield [
    "a letter that is composed in another way",
    false,
    { headers: headers(sign(umlaut), now), body: umlaut.replace("ü", "u\u0308") },
  ];
  if (encoding === "base64") {
    const text = sign();
    yield ["padding left out", false, replaced(text.replaceAll("=", ""))];
    yield ["padding twice", false, replaced(`${text}=`)];
    yield ["a line's break inside", false, replaced(`${text.slice(0, 8)} ${text.slice(8)}`)];
  } else {
    yield ["capital digits", true, replaced(sign().toUpperCase())];
    yield ["0x before the digits", false, replaced(`0x${sign()}`)];
    yield ["colons between the bytes", false, replaced(sign().replaceAll(/..(?=.)/g, "$&:"))];
  }
  if (clock === "none") return;
  for (const [seconds, authentic] of [
    [-300, true],
    [-301, false],
    [300, true],
    [301, false],
  ] as const) {
    const time = timeAt(clock, seconds);
    yield [`${seconds} s`, authentic, { headers: headers(sign(TEXT, time), time) }];
  }
  const later = timeAt(clock, 1);
  yield ["another time than the signed one", false, { headers: headers(sign(), later) }];
  for (const odd of ["", "0", "-1", "NaN", `${now}0000`, `${now} `.repeat(2).trim(), `+${now}`, "1e12", "soon"]) {
    yield [`the time "${odd}"`, false, { headers: headers(sign(TEXT, odd), odd) }];
  }
  const timeHeader = Object.keys(good).find((name) => name.includes("time"));
  if (timeHeader !== undefined) {
    yield ["the time's header twice", false, { headers: { ...good, [timeHeader]: [now, now] } }];
    const { [timeHeader]: _, ...rest } = good;
    yield ["no time", false, { headers: rest }];
  }
}

test.each(FORMULAS.map((formula) => [formula.scheme, formula] as const))(
  "%s: what is sent is heard, and what looks like it is not",
  async (scheme, formula) => {
    for (const [why, authentic, { headers, body }, secrets = [formula.secret]] of casesOf(formula)) {
      const judged = await judge(scheme, {
        secrets,
        headers,
        publicUrl: PUBLIC,
        ...(body === undefined ? {} : { body }),
      });
      expect([why, judged.authentic]).toEqual([why, authentic]);
      expect(judged.code, why).not.toBe("internal");
      expect(judged.admitted > 0 && !authentic, why).toBe(false);
    }
  },
);

test("no sender that signs with a shared secret is missing here", () => {
  const signs = senders().filter(({ check }) => check.type === "signature" && /^(?:hmac|sha256)/.test(check.alg));
  // `zendesk-2021-body-first` differs from `zendesk` in its order alone and has near misses of its own.
  const expected = signs.map(({ name }) => name).filter((name) => name !== "zendesk-2021-body-first");
  const here = FORMULAS.map(({ scheme }) => scheme);
  expect(
    expected.filter((name) => !here.includes(name)),
    "senders whose formula FORMULAS of this file lacks",
  ).toEqual([]);
  expect(here.toSorted()).toEqual(expected.toSorted());
});
