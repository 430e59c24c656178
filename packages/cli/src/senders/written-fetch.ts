import { presetFetches, type Sender, type SenderFetch } from "@sluice/event";
import { stringify } from "yaml";
import { variableOf } from "./source-name.ts";

/** A sender's `fetch` with the environment variables of this source in it; undefined where the sender has none. */
export function fetchOf(sender: Sender, source: string): Omit<SenderFetch, "notes"> | undefined {
  if (sender.fetch === undefined) return undefined;
  const { notes: _notes, ...fetch } = sender.fetch;
  const written = JSON.stringify(fetch).replaceAll(
    /\{variable:([A-Z_]+)\}/g,
    (_, name: string) => `\${${variableOf(source, name)}}`,
  );
  return JSON.parse(written) as Omit<SenderFetch, "notes">;
}

/** The comment above a source's `fetch`. */
export function fetchComment({ title, fetch }: Sender): readonly string[] {
  return [`The records that events name are fetched from ${title}: docs/fetch.md.`, ...(fetch?.notes ?? [])];
}

/** The whole `fetch` as a comment, for a sender whose events may carry all that the rows read. */
export function fetchAsComment(sender: Sender, source: string): readonly string[] {
  if (presetFetches(sender) !== "at times") return [];
  const written = stringify({ fetch: fetchOf(sender, source), records: "preset" }, { lineWidth: 0 }).trimEnd();
  return [
    "Events without values are left alone. To have every record fetched whole, write this instead of the rows:",
    ...(sender.fetch?.notes ?? []),
    ...written.split("\n").map((line) => `  ${line}`),
  ];
}
