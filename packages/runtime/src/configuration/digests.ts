import { createHash } from "node:crypto";
import type { CompiledMapping } from "@sluice/record";
import type { Configuration, SourceConfiguration } from "./configuration.ts";

/** A digest by source, of all that decides what its events mean. Secrets, limits and shares are not among it. */
export function understandingDigests({ sources }: Pick<Configuration, "sources">): Readonly<Record<string, string>> {
  return Object.fromEntries([...sources.values()].map((source) => [source.name, digestOf(source)]));
}

function digestOf({ scheme, rank, mappings }: SourceConfiguration): string {
  const text = JSON.stringify([scheme, rank, mappings.map(written)]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 12);
}

/** A row as it was written: only the texts of its compiled parts count. */
function written(mapping: CompiledMapping): unknown {
  return JSON.parse(
    JSON.stringify(mapping, (_name, value: unknown) =>
      typeof value === "object" && value !== null && "text" in value && "place" in value ? value.text : value,
    ),
  );
}
