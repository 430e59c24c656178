import type { Preset, Sender } from "./sender.ts";

/** A row of `records:` as it is written in the file. */
export type WrittenRow = {
  readonly when: string;
  readonly destination: string;
  readonly object: string;
  readonly external_id: string;
  readonly name?: string;
  readonly version?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly delete?: true;
};

/** The rows that map a sender's common objects: one that sets, and one that deletes where the sender tells that. */
export function presetRows({ presets = [] }: Sender, destination: string): readonly WrittenRow[] {
  return presets.flatMap((preset) => rowsOf(preset, destination));
}

function rowsOf({ object, when, externalId, name, version, gone, fields }: Preset, destination: string): WrittenRow[] {
  const shared = { destination, object, external_id: externalId };
  const versioned = version === undefined ? {} : { version };
  const sets = {
    when: gone === undefined ? when : `(${when}) and $not(${gone})`,
    ...shared,
    ...(name === undefined ? {} : { name }),
    ...versioned,
    fields: Object.fromEntries(fields.map(({ key, from }) => [key, from])),
  };
  return gone === undefined
    ? [sets]
    : [sets, { when: `(${when}) and (${gone})`, ...shared, ...versioned, delete: true }];
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

/** The objects that those rows write, by key. */
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
