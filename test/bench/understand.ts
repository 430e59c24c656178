import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serveParent } from "./child.ts";
import { batchOf, signedEvent } from "./event.ts";

/** A tree's mappings, alone in a process. */
export type UnderstandSettings = { readonly directory: string };
export type UnderstandOrder = { readonly forMs: number };
/** Processor time of an event, in microseconds. */
export type Understood = { readonly micros: number };

/** The members that packages/record of today's release and of the present tree have in common. */
type RecordPackage = {
  compileMapping(row: object, place: string): { readonly mapping?: object; readonly faults: readonly object[] };
  mapEvent(event: object, context: object): Mapped | Promise<Mapped>;
};
type Mapped = { readonly changes: readonly object[]; readonly faults: readonly object[] };

const EVENTS = 2000;

if (import.meta.main) {
  serveParent(async ({ directory }: UnderstandSettings) => {
    const file = pathToFileURL(join(directory, "packages/record/src/index.ts"));
    const { compileMapping, mapEvent } = (await import(file.href)) as RecordPackage;
    const mappings = ROWS.map((row, at) => {
      const { mapping, faults } = compileMapping(row, `sources.netsuite.records[${at}]`);
      if (mapping === undefined) throw new Error(JSON.stringify(faults));
      return mapping;
    });
    const receivedAtMs = Date.now();
    // Today's release reads when the event was received, the present tree its arrival.
    const arrival = { micros: receivedAtMs * 1000, session: 1 };
    const context = { rank: 0, mappings, receivedAtMs, arrival, run: 0, versionSkewMs: 86_400_000 };
    const events = eventsOf(EVENTS);
    for (const event of events) assertMapped(await mapEvent(event, context));

    return {
      async obey({ forMs }: UnderstandOrder): Promise<Understood> {
        const until = performance.now() + forMs;
        const before = process.cpuUsage();
        let done = 0;
        do {
          for (const event of events) {
            const mapped = mapEvent(event, context);
            if (mapped instanceof Promise) await mapped;
          }
          done += events.length;
        } while (performance.now() < until);
        const { user, system } = process.cpuUsage(before);
        return { micros: (user + system) / done };
      },
      close: async () => {},
    };
  });
}

/** One event that six records are made of, each row with expressions as in the README. */
const ROWS = ["customer", "account", "contact", "debtor", "site", "ledger"].map((object) => ({
  when: 'type = "customer.updated"',
  destination: "crm",
  object,
  external_id: "'netsuite:' & $string(data.id)",
  name: "data.company",
  version: "data.updated_at",
  fields: { tier: "data.category", balance: "$number(data.balance)" },
}));

function eventsOf(count: number): readonly object[] {
  const batch = batchOf("understood", count);
  return Array.from({ length: count }, (_, index) => {
    const body = JSON.parse(signedEvent(batch, index).body) as Record<string, unknown>;
    const { event_id: id, type, updated_at: time } = body;
    const data = { ...body, id: index, balance: String(body["balance"]) };
    return { id, type, time, source: "netsuite", data, headers: {} };
  });
}

function assertMapped({ changes, faults }: Mapped): void {
  if (changes.length !== ROWS.length || faults.length > 0) throw new Error(`not understood: ${JSON.stringify(faults)}`);
}
