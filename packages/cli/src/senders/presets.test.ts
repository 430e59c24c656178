import { findSender, readEvents, senders, type Sender } from "@sluice/event";
import { mapEvent, type Change } from "@sluice/record";
import { readConfiguration } from "@sluice/runtime";
import { expect, test } from "vitest";

/** One that the scheme can use: user and password where it wants both. */
function secretOf({ check }: Sender): string {
  return check.type === "basic" ? "sluice:hush" : "hush";
}

/** What the sample of a sender becomes by `records: preset`. */
async function changesOf(sender: Sender): Promise<readonly object[]> {
  const text = JSON.stringify({
    sources: { it: { scheme: sender.name, secrets: [secretOf(sender)], records: "preset" } },
    destinations: { crm: { kind: "zendesk", url: "http://127.0.0.1:1", auth: { bearer: "none" } } },
  });
  const { mappings } = readConfiguration(text, { path: "sluice.yaml", env: {} }).sources.get("it")!;
  const { headers, body, query = "" } = sender.sample;
  const request = {
    method: "POST",
    url: `https://in.example.com/webhooks/it${query}`,
    path: "/webhooks/it",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  const receivedAtMs = Date.UTC(2026, 10, 5, 12);
  const context = { rank: 0, mappings, receivedAtMs, versionSkewMs: 86_400_000 };
  const mapped = await Promise.all(readEvents(sender, request, "it").map((event) => mapEvent(event, context)));
  for (const { faults } of mapped) expect(faults).toEqual([]);
  return mapped.flatMap(({ changes }) => changes.map(shown));
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

test("every preset compiles, whatever sender has it", async () => {
  for (const sender of senders()) if (sender.presets?.length) await changesOf(sender);
});
