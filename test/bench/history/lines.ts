import type { Flown, Understood } from "@sluice/history";
import { stampOf } from "@sluice/record";
import { drawing, WORDS } from "../event.ts";

const BEGAN_MICROS = Date.UTC(2026, 10, 1) * 1000;

/** A webhook of half a kilobyte with one change of four fields, as a CRM sends them. */
export function understoodOf(number: number): Understood {
  const draw = drawing(number + 1);
  const micros = BEGAN_MICROS + number * 1_000;
  const key = String(100_000 + (draw() % 1_000_000));
  const fields = {
    tier: ["gold", "silver", "bronze"][draw() % 3]!,
    balance: (draw() % 1_000_000) / 100,
    city: ["Utrecht", "Berlin", "Porto", "Lyon"][draw() % 4]!,
    email: `customer-${draw() % 1_000_000}@example.com`,
  };
  const id = `${hex(draw())}-${hex(draw()).slice(0, 4)}-4${hex(draw()).slice(0, 3)}-${hex(draw())}${hex(draw()).slice(0, 4)}`;
  const memo = Array.from({ length: 24 }, () => WORDS[draw() % WORDS.length]).join(" ");
  const updated = new Date(micros / 1000).toISOString();
  const body = JSON.stringify({
    type: "customer.updated",
    timestamp: updated,
    data: { id: key, ...fields, memo, updated },
  });
  const arrival = { micros, session: 3 };
  return {
    source: "erp",
    first: { ...arrival, run: 0 },
    understoodMs: Math.floor(micros / 1000) + 4,
    request: {
      method: "POST",
      url: "http://127.0.0.1:8080/webhooks/erp",
      query: "",
      headers: [
        ["host", "127.0.0.1:8080"],
        ["content-type", "application/json"],
        ["user-agent", "sender/1.0"],
        ["content-length", String(body.length)],
        ["webhook-id", id],
        ["webhook-timestamp", String(Math.floor(micros / 1e6))],
      ],
      body,
      bodyBytes: Buffer.byteLength(body),
      isCut: false,
      redacted: [],
      secretNumber: 1,
    },
    fault: null,
    events: [
      {
        id,
        type: "customer.updated",
        time: updated,
        isThin: false,
        isDelete: false,
        changes: [
          {
            record: { destination: "crm", object: "customer", by: "external_id", key },
            effect: "fields",
            stamp: stampOf({ kind: "time", micros: BigInt(micros) }, 0, { finerMicros: null, arrival, run: 0 }),
            versionKind: "time",
            row: "sources.erp.records[0]",
            word: "accepted",
            fields,
            hidden: [],
          },
        ],
        faults: [],
      },
    ],
  };
}

/** The confirmed write of the webhook's change. */
export function flownOf({ events, first }: Understood): Flown {
  const [change] = events[0]!.changes;
  const { record, stamp, fields } = change!;
  const ms = Math.floor(first.micros / 1000);
  const at = new Date(ms).toISOString();
  return {
    record,
    token: String(first.micros + 6_000),
    attempt: 1,
    isProbe: false,
    effect: "fields",
    sentMs: ms + 7,
    endedMs: ms + 19,
    durationMs: 11.4,
    records: 1,
    job: null,
    status: "200",
    answer: "done",
    verdict: "settled",
    code: null,
    message: null,
    carried: [{ stamp, isOpen: true, fields: Object.keys(fields) }],
    deletion: null,
    refused: [],
    request: {
      method: "PATCH",
      path: `/api/v2/custom_objects/customer/records?external_id=${record.key}`,
      body: { custom_object_record: { custom_object_fields: fields } },
    },
    response: {
      status: 200,
      body: {
        custom_object_record: {
          id: `01M8H99ZHB5C6RW3${record.key}`,
          name: `Customer ${record.key}`,
          custom_object_key: "customer",
          custom_object_fields: fields,
          created_at: at,
          updated_at: at,
          external_id: record.key,
        },
      },
    },
  };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
