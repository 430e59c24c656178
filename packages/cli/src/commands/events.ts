import type { Command } from "commander";
import type { EventRow, EventTrace, FieldTrace } from "@sluice/history";
import type { AddCommand, Shell } from "../command.ts";
import type { ConsoleClient } from "../console/console-client.ts";
import {
  clientOf,
  addEventFilters,
  asking,
  eventFilterOf,
  type ConsoleCallOptions,
  type EventFilters,
} from "../console/event-filters.ts";
import { table } from "../terminal/table.ts";
import { cut } from "../trace/cut.ts";
import { traceText } from "../trace/trace-text.ts";
import { wholeNumber } from "../whole-number.ts";

type Filters = ConsoleCallOptions & EventFilters & { readonly limit: string };

type Page = { readonly items: readonly EventRow[]; readonly next: string | null; readonly searchedTo: string | null };

/** `events`: the events that came in and their outcomes, from the history. */
export const eventsCommand: AddCommand = (program, shell) => {
  const command = program
    .command("events")
    .description("what came in and what became of it, the newest first: from the history");
  addEventFilters(command);
  asking(command)
    .option("--limit <n>", "so many at most", "50")
    .action(async (options: Filters) => {
      const client = clientOf(shell, options);
      const { items, isCut } = await search(
        client,
        eventFilterOf(options),
        wholeNumber("--limit", options.limit, 100_000),
      );
      if (options.json === true) for (const item of items) console.log(JSON.stringify(item));
      else console.log(items.length === 0 ? "No event is meant." : listed(items));
      if (isCut && options.json !== true) console.log("\nThere may be more: --until goes on before the last of these.");
    });
};

/** `trace`: the whole way of one delivery of an event. */
export const traceCommand: AddCommand = (program, shell) => {
  asking(
    program
      .command("trace <event>")
      .description(
        "all that became of one event: received, understood, merged, sent, answered, ended; from the history",
      ),
  ).action(async (event: string, options: ConsoleCallOptions) => {
    const trace = await clientOf(shell, options).get<EventTrace>(`/api/events/${encodeURIComponent(event)}`);
    console.log(options.json === true ? JSON.stringify(trace, null, 2) : traceText(trace));
  });
};

type RecordChosen = ConsoleCallOptions & { readonly destination?: string; readonly name?: boolean };
type RecordTrace = { readonly fields: readonly FieldTrace[]; readonly gaps: readonly string[] };

/** `record trace`, beside the commands that act on a record. */
export function addRecordTrace(
  record: Command,
  shell: Shell,
  destinationOf: (options: RecordChosen) => Promise<string>,
): void {
  asking(
    record
      .command("trace <object> <key>")
      .description(
        "each field with the event that set it, what that replaced and what was refused as older: from the history",
      ),
  )
    .option("--destination <name>", "where it lives; needed where there are several")
    .option("--name", "the key is the record's name, not its external id")
    .action(async (object: string, key: string, options: RecordChosen) => {
      const place = [await destinationOf(options), object, key].map(encodeURIComponent).join("/");
      const by = options.name === true ? "name" : "external_id";
      const trace = await clientOf(shell, options).get<RecordTrace>(`/api/records/${place}/trace`, { by });
      console.log(options.json === true ? JSON.stringify(trace, null, 2) : explained(trace));
    });
}

/** Asks page by page. A search that ran out of time goes on. */
async function search(
  client: ConsoleClient,
  query: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<{ readonly items: readonly EventRow[]; readonly isCut: boolean }> {
  const items: EventRow[] = [];
  let cursor: string | undefined;
  while (items.length < limit) {
    const page = await client.get<Page>("/api/events", {
      ...query,
      limit: String(Math.min(200, limit - items.length)),
      cursor,
    });
    items.push(...page.items);
    if (page.next === null) return { items, isCut: false };
    cursor = page.next;
    if (page.searchedTo !== null) process.stderr.write(`searched back to ${page.searchedTo}\n`);
  }
  return { items, isCut: true };
}

function listed(items: readonly EventRow[]): string {
  const rows = items.map(({ arrivedAt, source, type, id, outcome, code, records, ref }) => [
    arrivedAt,
    source,
    type,
    id,
    code === null ? outcome : `${outcome} (${code})`,
    records.map(({ object, key }) => `${object} ${key}`).join(", "),
    ref,
  ]);
  return table([["arrived", "source", "type", "id", "outcome", "records", "ref"], ...rows]);
}

function explained({ fields, gaps }: RecordTrace): string {
  const rows = fields.flatMap(({ field, confirmed, pending, aside, replaced, refused }) => [
    ...(pending === null ? [] : [rowOf(field, "pending", pending)]),
    ...(aside === null ? [] : [rowOf(field, "set aside", aside)]),
    ...(confirmed === null ? [] : [rowOf(field, "confirmed", confirmed)]),
    ...refused.map((value) => [...rowOf(field, value.was, value).slice(0, 6), value.because.text]),
    ...replaced.map((value) => rowOf(field, "replaced", value)),
  ]);
  const shown =
    rows.length === 0
      ? "The history has nothing of it."
      : table([["field", "", "value", "version", "event", "source", ""], ...rows]);
  return [shown, ...gaps.map((gap) => `\ngap: ${gap}`)].join("\n");
}

function rowOf(
  field: string,
  what: string,
  { value, isKnown, event, stamp, confirmedAt }: NonNullable<FieldTrace["confirmed"]>,
): string[] {
  return [
    field,
    what,
    isKnown ? cut(JSON.stringify(value)) : "?",
    stamp.version,
    event.id ?? "not in the history",
    event.source ?? "",
    confirmedAt === null ? "" : `written ${confirmedAt}`,
  ];
}
