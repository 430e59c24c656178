import { findSender, readEvents, senders, UnreadableBodyError, type Json, type Sender } from "@sluice/event";
import { mapEvent, type Change, type CompiledMapping, type MappedEvent } from "@sluice/record";
import { readConfiguration } from "@sluice/runtime";
import { expect, test } from "vitest";

/** One that the scheme can use: user and password where it wants both. */
function secretOf({ check }: Sender): string {
  return check.type === "basic" ? "sluice:hush" : "hush";
}

/** What `records: preset` of a sender stands for; thin ones are given an address to ask. */
function mappingsOf(sender: Sender): readonly CompiledMapping[] {
  const fetch = sender.fetch === undefined ? {} : { fetch: { base: "https://api.example.com" } };
  const text = JSON.stringify({
    sources: { it: { scheme: sender.name, secrets: [secretOf(sender)], records: "preset", ...fetch } },
    destinations: { crm: { kind: "zendesk", url: "http://127.0.0.1:1", auth: { bearer: "none" } } },
  });
  return readConfiguration(text, { path: "sluice.yaml", env: {} }).sources.get("it")!.mappings;
}

/** What a body of a sender becomes by its preset, without its sample's headers being changed. */
async function mapped(
  sender: Sender,
  mappings: readonly CompiledMapping[],
  body: Json,
): Promise<readonly MappedEvent[]> {
  const { headers, query = "" } = sender.sample;
  const request = {
    method: "POST",
    url: `https://in.example.com/webhooks/it${query}`,
    path: "/webhooks/it",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  const receivedAtMs = Date.UTC(2026, 10, 5, 12);
  const context = { rank: 0, mappings, receivedAtMs, versionSkewMs: 86_400_000 };
  return await Promise.all(readEvents(sender, request, "it").map((event) => mapEvent(event, context)));
}

/** What its sample becomes. */
async function changesOf(sender: Sender): Promise<readonly object[]> {
  const events = await mapped(sender, mappingsOf(sender), sender.sample.body);
  for (const { faults } of events) expect(faults).toEqual([]);
  return events.flatMap(({ changes }) => changes.map(shown));
}

function shown({ object, key, version, effect }: Change): object {
  const at = version?.kind === "time" ? new Date(Number(version.micros / 1000n)).toISOString() : version?.value;
  return [object, key.value, String(at), effect.kind === "delete" ? "deleted" : Object.fromEntries(effect.fields)];
}

const NAME = "standard::name";
const AT = "2026-11-05T11:59:5";

test.each([
  [
    "shopify",
    [
      [
        "contact",
        "shopify:207119551",
        `${AT}8.000Z`,
        { [NAME]: "Ada Byron", email: "ada@example.com", phone: "+4930123456" },
      ],
    ],
  ],
  [
    "hubspot-v3",
    [
      ["contact", "hubspot:1246965", `${AT}7.311Z`, { [NAME]: "HubSpot contact 1246965", email: "ada@example.com" }],
      ["contact", "hubspot:1246978", `${AT}8.002Z`, "deleted"],
    ],
  ],
  [
    "salesforce-outbound-message",
    [["contact", "salesforce:0030Y00000ABCDEQA4", `${AT}7.000Z`, { [NAME]: "Byron", email: "ada@example.com" }]],
  ],
  ["salesforce-cdc", [["contact", "salesforce:0030Y00000ABCDEQA4", "1082985383811", { email: "ada@example.com" }]]],
  [
    "dataverse",
    [
      [
        "contact",
        "dataverse:6d81597f-0f9f-e711-8122-000d3aa2331c",
        `${AT}7.000Z`,
        { [NAME]: "Ada Byron", email: "ada@example.com" },
      ],
    ],
  ],
  [
    "netsuite",
    [
      [
        "company",
        "netsuite:8812",
        `${AT}7.000Z`,
        { [NAME]: "Byron Engines", number: "C-1042", email: "ada@example.com" },
      ],
    ],
  ],
  ["stripe", [["contact", "stripe:cus_9", `${AT}8.000Z`, { [NAME]: "Ada Byron", email: "ada@example.com" }]]],
  [
    "woocommerce",
    [
      [
        "order",
        "woocommerce:727",
        `${AT}8.000Z`,
        { [NAME]: "727", status: "processing", total: 29.35, currency: "EUR", contact: "woocommerce:26" },
      ],
    ],
  ],
  ["pipedrive", [["contact", "pipedrive:178", `${AT}6.000Z`, { [NAME]: "Ada Byron", email: "ada@example.com" }]]],
  ["odoo", [["contact", "odoo:14", `${AT}7.482Z`, { [NAME]: "Ada Byron", email: "ada@example.com" }]]],
])("the preset of %s makes exactly this of its sample", async (name, changes) => {
  expect(await changesOf(findSender(name)!)).toEqual(changes);
});

/** A JSON body with one of its leaves null, and without it, for each leaf. */
function* damaged(body: Json): Generator<Json> {
  for (const path of leavesOf(body)) {
    for (const replacement of [null, undefined]) {
      const copy = structuredClone(body);
      let at = copy as Record<string, Json>;
      for (const member of path.slice(0, -1)) at = at[member] as Record<string, Json>;
      const last = path.at(-1)!;
      if (replacement === null) at[last] = null;
      else if (Array.isArray(at)) continue;
      else delete at[last];
      yield copy;
    }
  }
}

function leavesOf(value: Json): readonly (readonly string[])[] {
  if (value === null || typeof value !== "object") return [[]];
  return Object.entries(value).flatMap(([member, inner]) => leavesOf(inner).map((path) => [member, ...path]));
}

test("whatever value of a sample is null or missing, only what says which record and which version can be a fault of a preset", async () => {
  for (const sender of senders()) {
    if (!sender.presets?.length || typeof sender.sample.body === "string") continue;
    const mappings = mappingsOf(sender);
    for (const body of damaged(sender.sample.body)) {
      let events: readonly MappedEvent[];
      try {
        events = await mapped(sender, mappings, body);
      } catch (error) {
        if (error instanceof UnreadableBodyError) continue;
        throw error;
      }
      for (const { key } of events.flatMap(({ changes }) => changes)) {
        // A key without an id would be one record for all of them.
        expect(key.value, `${sender.name}: ${JSON.stringify(body)}`).not.toMatch(/:$|null|undefined/);
      }
      for (const { place, message } of events.flatMap(({ faults }) => faults)) {
        expect(place, `${sender.name}: ${message} of ${JSON.stringify(body)}`).toMatch(
          /\.(?:external_id|version|when|fetch\.url)$/,
        );
      }
    }
  }
});

test("of records that QuickBooks merged the one that stays is fetched, and the one that went is deleted", async () => {
  const sender = findSender("quickbooks")!;
  const [sample] = sender.sample.body as [object];
  const now = { ...sample, type: "qbo.customer.merged.v1", data: { deletedid: "99" } };
  const entities = [
    { name: "Customer", id: "1234", operation: "Merge", lastUpdated: "2026-11-05T11:59:57.000Z", deletedId: "99" },
  ];
  const before = { eventNotifications: [{ realmId: "310687", dataChangeEvent: { entities } }] };
  for (const body of [[now], before] as Json[]) {
    const [event] = await mapped(sender, mappingsOf(sender), body);
    expect(event!.faults).toEqual([]);
    const [deleted, asked, ...more] = event!.changes;
    expect(shown(deleted!)).toEqual(["company", "quickbooks:310687:99", `${AT}7.000Z`, "deleted"]);
    expect(asked!.key.value).toBe("https://api.example.com/310687/customer/1234?minorversion=75");
    expect(more).toEqual([]);
  }
});

test("what Odoo writes as false is empty", async () => {
  const sender = findSender("odoo")!;
  const body = { ...(sender.sample.body as object), email: false };
  const [mappedEvent] = await mapped(sender, mappingsOf(sender), body);
  expect(mappedEvent!.changes.map(shown)).toEqual([
    ["contact", "odoo:14", `${AT}7.482Z`, { [NAME]: "Ada Byron", email: null }],
  ]);
});

test("every preset compiles, whatever sender has it", async () => {
  for (const sender of senders()) if (sender.presets?.length) await changesOf(sender);
});
