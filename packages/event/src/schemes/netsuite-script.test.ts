import { createHmac } from "node:crypto";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { findSender } from "../catalog.ts";
import { NETSUITE_PRESETS } from "../presets/netsuite.ts";
import { readEvents } from "../events/read-events.ts";
import type { WebhookRequest } from "../request.ts";
import { verify } from "../verification/verify.ts";
import { NETSUITE_SCRIPT } from "./netsuite-script.ts";

const netsuite = findSender("netsuite")!;

const SECRET = "a long random text";

type Sent = { readonly url: string; readonly body: string; readonly headers: Readonly<Record<string, string>> };
type Values = Readonly<Record<string, unknown>>;
type Context = { readonly type: string; readonly newRecord: object | null; readonly oldRecord: object | null };

let uuids = 0;

/** Runs the script as NetSuite would, on node:crypto. @returns its requests */
function run(context: Context, stored: Values): Sent[] {
  const sent: Sent[] = [];
  const crypto = {
    HashAlg: { SHA256: "sha256" },
    createSecretKey: ({ secret }: { secret: string }) => (secret === "custsecret_sluice" ? SECRET : ""),
    createHmac({ algorithm, key }: { algorithm: string; key: string }) {
      const hmac = createHmac(algorithm, key);
      return {
        update: ({ input }: { input: string }) => void hmac.update(input, "utf8"),
        digest: ({ outputEncoding }: { outputEncoding: "hex" }) => hmac.digest(outputEncoding).toUpperCase(),
      };
    },
  };
  const encode = { Encoding: { UTF_8: "UTF_8", HEX: "hex" } };
  const https = {
    post(request: Sent) {
      sent.push(request);
      return { code: 200 };
    },
  };
  const record = { load: () => ({ getValue: ({ fieldId }: { fieldId: string }) => stored[fieldId] ?? "" }) };
  const log = { error: () => {} };
  const define = (_names: unknown, make: (...modules: object[]) => { afterSubmit(given: Context): void }) =>
    make(crypto, { generateUUID: () => `uuid-${(uuids += 1)}` }, encode, https, record, log).afterSubmit(context);
  runInNewContext(NETSUITE_SCRIPT, { define });
  return sent;
}

const received = ({ url, body, headers }: Sent): WebhookRequest => ({
  method: "POST",
  url,
  path: "/",
  headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
  body: Buffer.from(body),
});

test("what the script signs is authentic and says what its type of record has", async () => {
  const newRecord = { id: 8812, type: "invoice" };
  const stored = { lastmodifieddate: new Date("2026-11-05T11:59:57Z"), tranid: "INV-1", total: 12.5, entity: 7 };
  const [sent] = run({ type: "edit", newRecord, oldRecord: newRecord }, stored);
  const request = received(sent!);
  expect(await verify(netsuite, request, [SECRET], Date.now())).toMatchObject({ ok: true });
  expect(await verify(netsuite, request, ["another"], Date.now())).toMatchObject({ ok: false });
  const [event] = readEvents(netsuite, request, "erp");
  expect(event).toMatchObject({
    id: "uuid-1",
    type: "invoice.edit",
    time: "2026-11-05T11:59:57.000Z",
    finer: expect.stringMatching(/\.\d{3}Z$/),
    data: { id: "8812", fields: { tranid: "INV-1", total: 12.5, entity: 7, duedate: "" } },
  });
});

test("a deletion reads what is gone", async () => {
  const oldRecord = { id: 9, type: "contact", getValue: ({ fieldId }: { fieldId: string }) => `old ${fieldId}` };
  const [sent] = run({ type: "delete", newRecord: null, oldRecord }, {});
  const [event] = readEvents(netsuite, received(sent!), "erp");
  expect(event).toMatchObject({
    type: "contact.delete",
    operation: "delete",
    data: { fields: { email: "old email" } },
  });
});

test.each([
  ["company", "customer"],
  ["contact", "contact"],
  ["order", "salesorder"],
  ["invoice", "invoice"],
  ["product", "inventoryitem"],
  ["product", "noninventoryitem"],
  ["product", "serviceitem"],
])("what the preset reads of a %s is sent for a %s", (object, type) => {
  const record = { id: 5, type };
  const [sent] = run({ type: "edit", newRecord: record, oldRecord: record }, { lastmodifieddate: new Date(0) });
  const { fields } = JSON.parse(sent!.body) as { fields: object };
  const preset = NETSUITE_PRESETS.find((each) => each.object === object)!;
  const expressions = [preset.name ?? "", ...preset.fields.map(({ from }) => from)].join(" ");
  const wanted = [...expressions.matchAll(/data\.fields\.(\w+)/g)].map(([, name]) => name!);
  expect(wanted.filter((name) => !(name in fields))).toEqual([]);
});
