import { createHmac } from "node:crypto";

/** The events of one run. The same batch is the same bytes in every process and for every contestant. */
export type Batch = {
  /** Part of every record's key and every event's id: the name keeps runs apart. */
  readonly name: string;
  readonly events: number;
  readonly records: number;
  /** Whether the updates go round all records, or all updates of one record come one right after the other. */
  readonly order: "round" | "row";
  /** The lengths of bodies, which are spread over them. */
  readonly bytes: { readonly least: number; readonly most: number };
};

export type SignedEvent = { readonly headers: { readonly [name: string]: string }; readonly body: string };

export const PATH = "/webhooks/erp";
export const SECRET = "a secret that guards a benchmark";
export const SIGNATURE_HEADER = "x-signature";

/** Bodies as ERPs send them, unless a row measures another length. */
export const ORDINARY_BYTES = { least: 300, most: 700 } as const;

export function batchOf(name: string, events: number, given: Partial<Omit<Batch, "name" | "events">> = {}): Batch {
  return { name, events, records: events, order: "round", bytes: ORDINARY_BYTES, ...given };
}

/** How many times each record of the batch changes; the last change carries this revision. */
export function lastRevision({ events, records }: Batch): number {
  return events / records;
}

export function signedEvent(batch: Batch, index: number): SignedEvent {
  const body = JSON.stringify(customerUpdated(batch, index));
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return { headers: { "content-type": "application/json", [SIGNATURE_HEADER]: signature }, body };
}

/** Values differ from event to event, as real customers' values do: a compressor finds only the shape again. */
function customerUpdated(batch: Batch, index: number): object {
  const { name, records, order, bytes } = batch;
  const record = order === "round" ? index % records : Math.floor(index / lastRevision(batch));
  const revision = order === "round" ? Math.floor(index / records) + 1 : (index % lastRevision(batch)) + 1;
  const draw = drawing(index);
  const pick = (words: readonly string[]): string => words[draw() % words.length]!;
  const [first, last] = [pick(FIRST_NAMES), pick(LAST_NAMES)];
  const event = {
    event_id: `${name}-${index}-${draw().toString(36)}`,
    type: "customer.updated",
    updated_at: new Date(FIRST_EVENT_MS + index * 1000 + (draw() % 1000)).toISOString(),
    id: `${name}-${record}`,
    company: `${last} ${pick(TRADES)}`,
    category: pick(CATEGORIES),
    balance: (draw() % 10_000_000) / 100,
    email: `${first}.${last}${draw() % 1000}@example.com`.toLowerCase(),
    city: pick(CITIES),
    revision,
    memo: "",
  };
  const length = bytes.least + (draw() % (bytes.most - bytes.least + 1));
  const missing = length - JSON.stringify(event).length;
  let memo = "";
  while (memo.length < missing) memo += `${pick(WORDS)} `;
  event.memo = memo.slice(0, Math.max(0, missing));
  return event;
}

/** The events' times lie before now, as the times of all events must. */
const FIRST_EVENT_MS = Date.UTC(2024, 0, 1);

const FIRST_NAMES = [
  "Ada",
  "Boris",
  "Chiara",
  "Dmitri",
  "Elif",
  "Femke",
  "Gustavo",
  "Hanna",
  "Ibrahim",
  "Jana",
  "Kofi",
];
const LAST_NAMES = ["Abel", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "Garcia", "Hofer", "Ito", "Jansen"];
const TRADES = ["GmbH", "Logistics B.V.", "Foods Ltd", "Engines S.A.", "Trading Co", "Optics AG", "Textiles", "& Sons"];
const CATEGORIES = ["gold", "silver", "bronze", "new"];
const CITIES = ["Utrecht", "Berlin", "Porto", "Lyon", "Turku", "Gent", "Trieste", "Malmö", "Brno", "Cádiz", "Graz"];
export const WORDS = [
  "asked",
  "for",
  "a",
  "new",
  "offer",
  "before",
  "quarter",
  "end",
  "pallets",
  "returned",
  "by",
  "freight",
];

/** Numbers by chance, the same for the same event in every process (mulberry32). */
export function drawing(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
