import type { Preset, Sender } from "./sender.ts";

/** A row of `records:` as it is written in the file. */
export type WrittenRow = {
  readonly when?: string;
  readonly fetch?: { readonly when: string; readonly url: string; readonly document?: string; readonly gone?: string };
  readonly destination: string;
  readonly object: string;
  readonly external_id: string;
  readonly name?: string;
  readonly version?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly clears?: "empty" | "missing";
  readonly delete?: true;
};

/** How often the sender's rows read documents that have to be fetched: `at times`, where events may carry values. */
export function presetFetches({ presets = [], event: { thin } }: Sender): "always" | "at times" | "never" {
  if (presets.every(({ fetch }) => fetch === undefined)) return "never";
  return thin === "always" ? "always" : "at times";
}

/**
 * The rows that map a sender's common objects: one row that sets, and one that deletes where the sender tells of deletes.
 * @param fetched the source has a `fetch`; without it the rows read what events carry, and leave thin ones alone
 */
export function presetRows(sender: Sender, destination: string, fetched: boolean): readonly WrittenRow[] {
  const isThin = sender.event.thin !== undefined;
  return (sender.presets ?? []).flatMap((preset) => rowsOf(preset, destination, fetched, isThin));
}

function rowsOf(preset: Preset, destination: string, fetched: boolean, isThin: boolean): WrittenRow[] {
  const { object, when, externalId, name, version, gone, goneByArrival, absorbs = [], fields } = preset;
  const isGoneByArrival = goneByArrival === true || (goneByArrival === "fetched" && fetched);
  const shared = { destination, object, external_id: externalId };
  const versioned = version === undefined ? {} : { version };
  const sets = {
    ...condition(preset, fetched, isThin),
    ...shared,
    ...(name === undefined ? {} : { name: called(name, externalId) }),
    ...versioned,
    // A sender's empty text clears the field; a member that the event lacks is left alone.
    clears: fetched && preset.omitsEmpty === true ? ("missing" as const) : ("empty" as const),
    fields: Object.fromEntries(fields.map(({ key, type, from }) => [key, read(type, from)])),
  };
  return [
    sets,
    ...(gone === undefined
      ? []
      : [
          {
            when: `(${when}) and (${gone})`,
            ...shared,
            ...(isGoneByArrival ? {} : versioned),
            delete: true as const,
          },
        ]),
    ...absorbs.map(({ when: merged, externalId: lost }) => ({
      when: merged,
      ...shared,
      external_id: lost,
      ...versioned,
      delete: true as const,
    })),
  ];
}

/**
 * The name's expression. A record whose name is empty at its sender is called by its key, since destinations demand a name; a record
 * whose event tells no name keeps its own.
 */
function called(name: string, externalId: string): string {
  const isPath = /^[A-Za-z_.[\]0-9]+$/.test(name);
  if (isPath) return `${name} ? ${name} : $exists(${name}) ? ${externalId}`;
  return `($called := ${name}; $called ? $called : $exists($called) ? ${externalId})`;
}

/** A field's expression: a date that can't be read costs the field, not the record. */
function read(type: Preset["fields"][number]["type"], from: string): string {
  return type === "date" ? `$toDate(${from})` : from;
}

/** The condition of the row that sets: an event without values sets nothing, and still says that a record is gone. */
function condition(
  { when, gone, fetch }: Preset,
  fetched: boolean,
  isThin: boolean,
): Pick<WrittenRow, "when" | "fetch"> {
  const stays = gone === undefined ? when : `(${when}) and $not(${gone})`;
  if (fetch === undefined) return { when: isThin ? `(${stays}) and $not(thin = true)` : stays };
  const { optional, ...document } = fetch;
  if (fetched) return { fetch: { when: stays, ...document } };
  return { when: optional === true ? stays : `(${stays}) and $not(thin = true)` };
}

const PLURALS = {
  contact: "Contacts",
  company: "Companies",
  order: "Orders",
  product: "Products",
  invoice: "Invoices",
} as const;

/** An entry of `objects:`. */
export type WrittenObject = {
  readonly title: string;
  readonly title_pluralized: string;
  readonly fields: Readonly<Record<string, Pick<Preset["fields"][number], "type" | "title">>>;
};

/** The objects that the preset rows write, by key. */
export function presetObjects({ presets = [] }: Sender): ReadonlyMap<string, WrittenObject> {
  return new Map(
    presets.map(({ object, fields }) => [
      object,
      {
        title: `${object[0]!.toUpperCase()}${object.slice(1)}`,
        title_pluralized: PLURALS[object],
        fields: Object.fromEntries(fields.map(({ key, type, title }) => [key, { type, title }])),
      },
    ]),
  );
}
