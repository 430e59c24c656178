import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigurationError, type ConfigurationFault } from "./fault.ts";
import { loadConfiguration, readConfiguration } from "./load.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const GOOD = `
sources:
  netsuite:
    scheme: standard-webhooks
    secrets: ["\${NETSUITE_SECRET}"]
    body_limit: 512kb
    records:
      - when: type = "customer.updated"
        destination: crm
        object: customer
        external_id: "'netsuite:' & $string(data.id)"
        version: data.lastModified
        fields: { tier: data.category, active: true, rank: 5 }
  shop:
    scheme: shopify
    secrets: [a, b]
    public_url: https://hooks.example.com/shop
    records: []
destinations:
  crm:
    kind: zendesk
    url: http://127.0.0.1:8090/
    auth: { bearer: token }
objects:
  customer:
    title: Customer
    title_pluralized: Customers
    fields:
      tier: { type: dropdown, title: Tier, options: { gold: Gold } }
version_skew: 2h
`;

function read(text: string, env: Record<string, string> = { NETSUITE_SECRET: SECRET }) {
  return readConfiguration(text, { path: "sluice.yaml", env });
}

function faultsOf(text: string, env?: Record<string, string>): readonly ConfigurationFault[] {
  try {
    read(text, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

test("a right file becomes sources in their order, destinations and objects, with defaults filled in", () => {
  const { sources, destinations, objects, ...rest } = read(GOOD);
  const [netsuite, shop] = [sources.get("netsuite"), sources.get("shop")];
  expect([...sources.values()].map(({ name, rank }) => [name, rank])).toEqual([
    ["netsuite", 0],
    ["shop", 1],
  ]);
  expect(netsuite?.secrets).toEqual([{ value: SECRET, number: 1, notAfterMs: null }]);
  expect(netsuite?.mappings[0]?.fields?.map(({ field, expression }) => [field, expression.text])).toEqual([
    ["tier", "data.category"],
    ["active", "true"],
    ["rank", "5"],
  ]);
  expect([netsuite?.bodyLimitBytes, shop?.publicUrl]).toEqual([512 * 1024, "https://hooks.example.com/shop"]);
  expect(destinations.get("crm")).toEqual({
    name: "crm",
    kind: "zendesk",
    url: "http://127.0.0.1:8090",
    auth: { bearer: "token" },
    requestsPerMinute: 700,
    concurrency: 8,
    lanes: 1,
    maxInFlight: null,
    batch: 100,
    timeoutMs: 20_000,
    fences: null,
    settleAfterSilenceMs: 60_000,
    retry: { maxAttempts: 20, deadlineMs: 86_400_000, firstDelayMs: 500, longestDelayMs: 60_000 },
    skipUnchanged: false,
  });
  expect(objects.get("customer")?.fields.get("tier")?.options).toEqual(new Map([["gold", "Gold"]]));
  expect(rest).toEqual({
    issueWebhooks: [],
    history: { databaseUrl: undefined, keepMs: 2_592_000_000, sizeBytes: 53_687_091_200, keys: [] },
    versionSkewMs: 7_200_000,
    dedupeWindowMs: 4 * 86_400_000,
    unknownSourceAfterMs: 3_600_000,
    drainDelayMs: 5000,
    orderingHorizonMs: 30 * 86_400_000,
    ack: "redis",
    redisMemoryBudget: { share: 0.8 },
  });
});

test.each([
  ["ack: fsync", { ack: "fsync" }],
  ["ack: { replicas: 2 }", { ack: { replicas: 2 } }],
  ["redis_memory_budget: 50%", { redisMemoryBudget: { share: 0.5 } }],
  ["redis_memory_budget: 4gb", { redisMemoryBudget: { bytes: 4 * 1024 ** 3 } }],
])("%s is read", (line, expected) => {
  expect(read(line)).toMatchObject(expected);
});

test("one row says of which kind an object's versions are, for all of its rows", () => {
  const rows = (first: string, second: string): string =>
    GOOD.replace(
      "records: []",
      `records: [{ destination: crm, object: customer, external_id: data.id, fields: { a: 1 }${second} }]`,
    ).replace("version: data.lastModified", `version: data.lastModified${first}`);
  const kinds = (text: string): unknown[] =>
    [...readConfiguration(text, { path: "sluice.yaml", env: { NETSUITE_SECRET: SECRET } }).sources.values()].flatMap(
      ({ mappings }) => mappings.map(({ versionKind }) => versionKind),
    );
  const said = "\n        version_kind: time";
  expect(kinds(rows(said, ", version: data.v"))).toEqual(["time", "time"]);
  expect(kinds(rows("", ", version: data.v"))).toEqual([undefined, undefined]);
  expect(faultsOf(rows(said, ", version: data.v, version_kind: integer"))).toMatchObject([
    { place: "sources.shop.records[0].version_kind", allowed: "time" },
  ]);
  expect(faultsOf(rows("\n        version_kind: integer", ""))).toMatchObject([
    { place: "sources.shop.records[0]", message: expect.stringContaining("needs a `version`") as string },
  ]);
});

test("an empty file is a Sluice without sources", () => {
  expect(read("").sources.size).toBe(0);
});

/** A fault's name, the text before and after, where the fault must be seen, and what is allowed there. */
const FAULTS: readonly [string, string, string, string, RegExp][] = [
  ["an unknown key", "body_limit: 512kb", "body_limt: 512kb", "sources.netsuite.body_limt 6:5", /body_limit/],
  ["a scheme that nobody knows", "scheme: shopify", "scheme: shopfy", "sources.shop.scheme 15:5", /shopify/],
  [
    "a scheme written out wrongly",
    "scheme: shopify",
    "scheme: { type: signature, alg: md5 }",
    "sources.shop.scheme.alg 15:32",
    /hmac-sha256/,
  ],
  ["no secret", "secrets: [a, b]", "secrets: []", "sources.shop.secrets 16:5", /^$/],
  [
    "an expression that does not parse",
    "data.lastModified",
    "data.(",
    "sources.netsuite.records[0].version 12:9",
    /^$/,
  ],
  [
    "a destination that is not there",
    "destination: crm",
    "destination: cmr",
    "sources.netsuite.records[0].destination 9:9",
    /crm/,
  ],
  [
    "a delete that is not true",
    "version: data.lastModified",
    "delete: no",
    "sources.netsuite.records[0].delete 12:9",
    /true/,
  ],
  [
    "a kind of destination that nobody knows",
    "kind: zendesk",
    "kind: zendeks",
    "destinations.crm.kind 21:5",
    /zendesk/,
  ],
  [
    "credentials of no form",
    "{ bearer: token }",
    "{ bearer: token, email: x }",
    "destinations.crm.auth.email 23:28",
    /bearer/,
  ],
  [
    "a field that no object can have",
    "{ tier: data.category,",
    "{ 1: data.category,",
    "sources.netsuite.records[0].fields.1 13:19",
    /^$/,
  ],
  [
    "an object that is a word of the API",
    "object: customer",
    "object: jobs",
    "sources.netsuite.records[0].object 10:9",
    /^$/,
  ],
  ["a field of an object with digits alone", "      tier: {", "      1: {", "objects.customer.fields.1 29:7", /^$/],
  ["a duration without a unit", "version_skew: 2h", "version_skew: 2", "version_skew 30:1", /^$/],
  ["a dropdown without options", ", options: { gold: Gold }", "", "objects.customer.fields.tier 29:7", /^$/],
  ["a source with a name that is no part of a URL", "  shop:", "  Shop Two:", "sources.Shop Two 14:3", /^$/],
  ["a list where a mapping belongs", "  netsuite:", "  netsuite: [1]\n  other:", "sources.netsuite 3:3", /^$/],
];

test.each(FAULTS)("%s is a fault with its place, line and column", (_what, before, after, place, allowed) => {
  expect(GOOD).toContain(before);
  const faults = faultsOf(GOOD.replace(before, after));
  const found = faults.find((fault) => `${fault.place} ${fault.line}:${fault.column}` === place);
  expect(found, JSON.stringify(faults)).toBeDefined();
  expect(found?.allowed ?? "").toMatch(allowed);
});

test("all faults are told at once, whichever part of Sluice finds them, in the order of the file", () => {
  const bad = [
    ["${NETSUITE_SECRET}", "${NOWHERE}"],
    ["body_limit", "body_limt"],
    ["data.category", "data.("],
    ["destination: crm", "destination: cmr"],
    ["scheme: shopify", "scheme: shopfy"],
    ["kind: zendesk", "kind: zendeks"],
    ["2h", "2"],
  ].reduce((text, [before = "", after = ""]) => text.replace(before, after), GOOD);
  const places = faultsOf(bad).map((fault) => fault.place);
  expect(places).toEqual([
    "sources.netsuite.secrets[0]",
    "sources.netsuite.body_limt",
    "sources.netsuite.records[0].destination",
    "sources.netsuite.records[0].fields.tier",
    "sources.shop.scheme",
    "destinations.crm.kind",
    "version_skew",
  ]);
});

test("what is no YAML is told with its place", () => {
  expect(faultsOf("sources: {\n  a: [\n")[0]).toMatchObject({ place: "", line: 3 });
  expect(faultsOf("version_skew: 1h\nversion_skew: 2h\n")[0]?.message).toMatch(/unique/i);
});

test("a variable that is unset or empty is a fault, so that no source runs on an empty secret", () => {
  expect(faultsOf(GOOD, {})[0]).toMatchObject({
    place: "sources.netsuite.secrets[0]",
    message: /NETSUITE_SECRET is not set/,
  });
  expect(faultsOf(GOOD, { NETSUITE_SECRET: "" })[0]?.message).toMatch(/NETSUITE_SECRET is empty/);
});

test("a secret that is no key of its scheme is a fault that does not repeat it", () => {
  const faults = faultsOf(GOOD, { NETSUITE_SECRET: "whsec_not*base64*at*all" });
  expect(faults[0]?.place).toBe("sources.netsuite.secrets[0]");
  expect(JSON.stringify(faults)).not.toContain("not*base64");
});

test("the history's keys are 32 bytes each, and a fault in one does not repeat it", () => {
  const withKey = (key: string) => `${GOOD}\nhistory:\n  keys: ["\${HISTORY_KEY}", "${key}"]\n`;
  const [key, old] = [Buffer.alloc(32, 7), Buffer.alloc(32, 9)];
  const env = { NETSUITE_SECRET: SECRET, HISTORY_KEY: key.toString("base64") };
  expect(read(withKey(old.toString("base64")), env).history).toMatchObject({ keys: [key, old] });
  for (const wrong of [Buffer.alloc(31, 9).toString("base64"), "not*base64"]) {
    const faults = faultsOf(withKey(wrong), env);
    expect(faults).toMatchObject([{ place: "history.keys[1]" }]);
    expect(JSON.stringify(faults)).not.toContain(wrong);
  }
});

test("${file:…} is the content of a file, without the line end of its last line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-configuration-"));
  writeFileSync(join(folder, "secret"), `${SECRET}\n`);
  const path = join(folder, "sluice.yaml");
  writeFileSync(path, GOOD.replace("${NETSUITE_SECRET}", `\${file:${join(folder, "secret")}}`));
  const { sources } = await loadConfiguration({ path, env: {} });
  expect(sources.get("netsuite")?.secrets[0]?.value).toBe(SECRET);
});

test("JSONata's own ${…} is left alone", () => {
  const { sources } = read(GOOD.replace("data.category", `'data.items.\${"k": v}'`));
  expect(sources.get("netsuite")?.mappings[0]?.fields?.[0]?.expression.text).toBe('data.items.${"k": v}');
});

test("a file that is not there is told with the ways to name one", async () => {
  await expect(loadConfiguration({ path: "/nowhere/sluice.yaml", env: {} })).rejects.toMatchObject({
    code: "configuration_missing",
    hint: expect.stringContaining("SLUICE_CONFIG"),
  });
});

test("the scheme that docs/configuration.md writes out can be read", () => {
  const docs = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
  const [, written = ""] = /```yaml\n(scheme:\n[\s\S]*?)```/.exec(docs) ?? [];
  const indented = written.trimEnd().replaceAll("\n", "\n    ");
  const { sources } = read(GOOD.replace("scheme: shopify", indented));
  expect(sources.get("shop")).toMatchObject({ scheme: { body: "form" }, bodyLimitBytes: 5_242_880 });
});

test("a second factor is read, and a certificate that no proxy could have checked is a fault", () => {
  const factor = 'scheme: shopify\n    allow_from: ["203.0.113.0/24"]\n    client_certificates: ["ab:CD"]';
  const text = GOOD.replace("scheme: shopify", factor);
  expect(faultsOf(text).map(({ place }) => place)).toEqual(["sources.shop.client_certificates"]);
  expect(read(`${text}trusted_proxies: [10.0.0.0/8]\n`).sources.get("shop")?.secondFactor).toEqual({
    allowFrom: ["203.0.113.0/24"],
    clientCertificates: ["ab:CD"],
  });
  const wrong = text.replace("203.0.113.0/24", "office").replace("ab:CD", "thumb");
  expect(faultsOf(wrong).map(({ place }) => place)).toEqual(
    expect.arrayContaining(["sources.shop.allow_from[0]", "sources.shop.client_certificates[0]"]),
  );
});

test("`records: preset` maps to the only destination, and adds the objects and fields that the file lacks", () => {
  const { sources, objects } = read(GOOD.replace("records: []", "records: preset"));
  const rows = sources.get("shop")!.mappings.map(({ object, destination }) => `${destination}/${object}`);
  expect(rows).toEqual(
    ["contact", "contact", "contact", "contact", "order", "order", "product", "product"].map((each) => `crm/${each}`),
  );
  expect([...objects.keys()]).toEqual(["customer", "contact", "order", "product"]);
  expect(objects.get("contact")?.fields.get("email")).toMatchObject({ type: "text", title: "E-mail" });
});

const SECOND = `destinations:\n  other: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: token } }`;
test.each([
  [
    "a scheme without one",
    GOOD.replace("scheme: shopify", "scheme: slack"),
    "preset",
    /has no preset/,
    /shopify.*stripe/s,
  ],
  ["several destinations", GOOD.replace("destinations:", SECOND), "preset", /which destination/, /other, crm/],
  ["an unknown destination", GOOD, "{ preset: true, destination: crn }", /no destination "crn"/, /crm/],
])("a preset with %s is refused, with what is allowed", (_, text, records, message, allowed) => {
  const faults = faultsOf(text.replace("records: []", `records: ${records}`));
  expect(faults.map((fault) => fault.message)).toEqual([expect.stringMatching(message)]);
  expect(faults[0]?.allowed).toMatch(allowed);
});

const THIN = GOOD.replace("scheme: shopify", "scheme: xero").replace("records: []", "records: preset");
test.each([
  ["none", THIN, "sources.shop.fetch"],
  ["one without base", THIN.replace("records: preset", "fetch: {}\n    records: preset"), "sources.shop.fetch.base"],
])("a preset of thin events asks nobody by itself: with a fetch that is %s it is refused", (_, text, place) => {
  expect(faultsOf(text)).toEqual([
    expect.objectContaining({
      place,
      message: expect.stringMatching(/^is missing: events of Xero are thin/),
      allowed: expect.stringContaining("base: https://api.xero.com/api.xro/2.0"),
    }),
  ]);
});

test("a URL that begins with a slash stands below the base of the source's fetch, and needs one", () => {
  const fetch = "fetch: { base: 'https://api.example.com/v2/' }";
  const rows = read(THIN.replace("records: preset", `${fetch}\n    records: preset`)).sources.get("shop")!.mappings;
  expect(rows.map((row) => row.fetch?.written.text)).toEqual([
    "https://api.example.com/v2/Contacts/{{data.resourceId}}",
    "https://api.example.com/v2/Invoices/{{data.resourceId}}",
  ]);
  const row = "{ destination: crm, object: a, external_id: id, fields: { a: id }, fetch: { url: /a } }";
  expect(faultsOf(THIN.replace("records: preset", `records: [${row}]`))[0]?.message).toMatch(
    /or with \/ after the `base`/,
  );
});

test("a preset takes the destination that it names among several", () => {
  const text = GOOD.replace("destinations:", SECOND).replace(
    "records: []",
    "records: { preset: true, destination: other }",
  );
  expect(
    new Set(
      read(text)
        .sources.get("shop")!
        .mappings.map(({ destination }) => destination),
    ),
  ).toEqual(new Set(["other"]));
});

test("what a row of a list lacks is told where it lacks", () => {
  const [fault] = faultsOf(GOOD.replace("        destination: crm\n", ""));
  expect(fault).toMatchObject({ place: "sources.netsuite.records[0].destination", message: "is missing" });
});
