import { stampOf } from "@sluice/record";
import type { Flown } from "./written/flown.ts";
import type { ChangeWord, Understood, UnderstoodChange } from "./written/understood.ts";

/** 2026-11-01T08:00:00Z, and so many microseconds more. */
export const BEGAN_MICROS = 1_793_520_000_000_000;

export type Told = {
  readonly micros: number;
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly key?: string;
  readonly version?: bigint;
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly isDelete?: boolean;
  readonly word?: ChangeWord;
  readonly body?: string;
  readonly session?: number;
};

/** A webhook with one event with one change. */
export function webhookOf({ micros, id = `e-${micros}`, source = "erp", session = 3, ...told }: Told): Understood {
  const { key = "4711", version = BigInt(micros), fields = { tier: "gold" }, type = "customer.updated" } = told;
  const first = { micros: BEGAN_MICROS + micros, session, run: 0 };
  const change: UnderstoodChange = {
    record: { destination: "crm", object: "customer", by: "external_id", key },
    effect: told.isDelete === true ? "delete" : "fields",
    stamp: stampOf({ kind: "integer", value: version }, 0, {
      finerMicros: null,
      arrival: { micros: first.micros, session },
      run: 0,
    }),
    versionKind: "integer",
    row: "sources.erp.records[0]",
    word: told.word ?? "accepted",
    fields: told.isDelete === true ? {} : fields,
    hidden: [],
  };
  const body = told.body ?? JSON.stringify({ type, data: { id: key, ...fields } });
  return {
    source,
    first,
    understoodMs: Math.floor(first.micros / 1000) + 1,
    request: {
      method: "POST",
      url: `http://127.0.0.1/webhooks/${source}`,
      query: "",
      headers: [["content-type", "application/json"]],
      body,
      bodyBytes: Buffer.byteLength(body),
      isCut: false,
      redacted: [],
      secretNumber: 1,
    },
    fault: null,
    events: [{ id, type, time: null, isThin: false, isDelete: false, changes: [change], faults: [] }],
  };
}

/** A flight that carried changes of webhooks, all of their fields. */
export function flightOf(micros: number, carried: readonly Understood[], more: Partial<Flown> = {}): Flown {
  const changes = carried.flatMap(({ events }) => events.flatMap((event) => event.changes));
  return {
    record: changes[0]!.record,
    token: String(BEGAN_MICROS + micros),
    attempt: 1,
    isProbe: false,
    effect: "fields",
    sentMs: Math.floor((BEGAN_MICROS + micros) / 1000),
    endedMs: Math.floor((BEGAN_MICROS + micros) / 1000) + 5,
    durationMs: 5,
    records: 1,
    job: null,
    status: "200",
    answer: "done",
    verdict: "settled",
    code: null,
    message: null,
    carried: changes.map(({ stamp, fields }) => ({ stamp, isOpen: true, fields: Object.keys(fields) })),
    deletion: null,
    refused: [],
    request: null,
    response: null,
    ...more,
  };
}
