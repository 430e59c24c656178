import { findSender, senders, UnreadableBodyError, type Json, type Sender } from "@sluice/event";
import type { MappedEvent } from "@sluice/record";
import { expect, test } from "vitest";
import { AT, leavesOf, mapped, mappingsOf, NAME, shown } from "./preset.fixture.ts";

/** The changes that the sender's sample makes. */
async function changesOf(sender: Sender): Promise<readonly object[]> {
  const events = await mapped(sender, mappingsOf(sender), sender.sample.body);
  for (const { faults } of events) expect(faults).toEqual([]);
  return events.flatMap(({ changes }) => changes.map(shown));
}

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
  ["salesforce-cdc", [["contact", "salesforce:0030Y00000ABCDEQA4", `${AT}7.412Z`, { email: "ada@example.com" }]]],
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

/** A JSON body with one of its leaves null, and without that leaf, for each leaf. */
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

test("a field of an object is of one type, whatever sender's preset sets it, since one destination may have several", () => {
  const types = new Map<string, string>();
  for (const { name, presets = [] } of senders()) {
    for (const { object, fields } of presets) {
      for (const { key, type } of fields) {
        expect(type, `${name}: ${object}.${key}`).toBe(types.get(`${object}.${key}`) ?? type);
        types.set(`${object}.${key}`, type);
      }
    }
  }
});

test("every preset compiles, whatever sender has it", async () => {
  for (const sender of senders()) if (sender.presets?.length) await changesOf(sender);
});
