import {
  faultOfSecret,
  handsSecretOver,
  isObject,
  readScheme,
  SchemeError,
  type Scheme,
  type WrittenObject,
} from "@sluice/event";
import { compileFetch, compileMapping, type CompiledFetch, type CompiledMapping, type FetchRow } from "@sluice/record";
import type { z } from "zod";
import { check, type ConfigurationIssue } from "./issue.ts";
import { fetchLane } from "./lanes.ts";
import { pathOf, pathText, type Path } from "./path-text.ts";
import { readPreset } from "./preset.ts";
import { FETCH_SCHEMA, MAPPING_SCHEMA } from "./schema/schema.ts";
import { withKinds } from "./version-kinds.ts";

/** The parts that the schema does not read: schemes and expressions, by the source's name. */
export type Parts = {
  readonly schemes: ReadonlyMap<string, Scheme>;
  readonly mappings: ReadonlyMap<string, readonly CompiledMapping[]>;
  /** The objects that `records: preset` writes, by key. */
  readonly objects: ReadonlyMap<string, WrittenObject>;
};

export type Refuse = (path: Path, message: string, allowed?: string) => void;

/**
 * Reads every scheme, secret and mapping that has the right shape, also in a file of which other parts have
 * not, so that a person who mends the file sees all of its faults at once.
 */
export function readParts(value: unknown, refuse: Refuse): Parts {
  const schemes = new Map<string, Scheme>();
  const mappings = new Map<string, readonly CompiledMapping[]>();
  const objects = new Map<string, WrittenObject>();
  const destinations = Object.keys(membersOf(membersOf(value)["destinations"]));
  for (const [name, written] of Object.entries(membersOf(membersOf(value)["sources"]))) {
    const source = membersOf(written);
    const place: Path = ["sources", name];
    const scheme = resolveScheme(source["scheme"], [...place, "scheme"], refuse);
    if (scheme !== undefined) {
      schemes.set(name, scheme);
      checkSecrets(scheme, itemsOf(source["secrets"]), [...place, "secrets"], refuse);
      if (source["secrets"] === undefined && !handsSecretOver(scheme)) refuse([...place, "secrets"], "is missing");
    }
    if (source["client_certificates"] !== undefined && membersOf(value)["trusted_proxies"] === undefined) {
      refuse([...place, "client_certificates"], "nobody is believed about certificates", "only with `trusted_proxies`");
    }
    const lane = fetchLane(name);
    const base = baseOf(source["fetch"]);
    const fetch = compileSourceFetch(source["fetch"], [...place, "fetch"], { base, lane }, refuse);
    const preset = readPreset(source, [...place, "records"], destinations, refuse);
    for (const [key, object] of preset?.objects ?? []) {
      const fields = { ...object.fields, ...objects.get(key)?.fields };
      objects.set(key, { ...object, fields });
    }
    const rows = (preset?.rows ?? itemsOf(source["records"])).map((row, index) =>
      compileRow(row, [...place, "records", index], { destinations, fetch, base, lane }, refuse),
    );
    mappings.set(name, rows.flat());
  }
  return { schemes, mappings: withKinds(mappings, refuse), objects };
}

/** The settings that every `fetch` of a source shares. */
type FetchFrame = {
  /** The beginning of URLs that begin with a slash; empty: there is none. */
  readonly base: string;
  readonly lane: string;
};

type Around = FetchFrame & {
  readonly destinations: readonly string[];
  /** The source's own `fetch`, for rows that have none. */
  readonly fetch: CompiledFetch | null;
};

function compileRow(written: unknown, place: Path, around: Around, refuse: Refuse): CompiledMapping[] {
  const whole = check(MAPPING_SCHEMA, written);
  const readable = "findings" in whole ? check(MAPPING_SCHEMA, without(written, whole.findings)) : whole;
  if ("findings" in readable) return [];
  const row = readable.value;
  const { destinations } = around;
  if (!destinations.includes(row.destination)) {
    const allowed = destinations.length === 0 ? "none, until `destinations` has one" : destinations.join(", ");
    refuse([...place, "destination"], `there is no destination "${row.destination}"`, allowed);
  }
  const compiled = compileMapping(row, pathText(place), fetchOf(row, [...place, "fetch"], around, refuse));
  if ("mapping" in compiled) return [compiled.mapping];
  for (const fault of compiled.faults) {
    // A complaint about the whole row may only come from the member that was left out.
    if (readable === whole || fault.place !== pathText(place)) refuse(pathOf(fault.place), fault.message);
  }
  return [];
}

/** The event alone tells of a delete: there is no document of a thing that is gone. */
function fetchOf(
  row: z.output<typeof MAPPING_SCHEMA>,
  path: Path,
  around: Around,
  refuse: Refuse,
): CompiledFetch | null {
  if (row.fetch === false) return null;
  if (row.delete === true) {
    if (row.fetch !== undefined) refuse(path, "a mapping with `delete: true` fetches nothing");
    return null;
  }
  return row.fetch === undefined ? around.fetch : compileWritten(row.fetch, path, around, refuse);
}

/** The source's own `fetch` may leave the URL to its rows; then it says only how they fetch. */
function compileSourceFetch(written: unknown, path: Path, frame: FetchFrame, refuse: Refuse): CompiledFetch | null {
  const { url, when, document, gone, missing } = membersOf(written);
  const row = check(FETCH_SCHEMA, { url, when, document, gone, missing });
  // The schema of the whole file tells of wrong shapes.
  return "findings" in row ? null : compileWritten(row.value, path, frame, refuse);
}

function baseOf(fetch: unknown): string {
  const { base } = membersOf(fetch);
  return typeof base === "string" ? base.replace(/\/+$/, "") : "";
}

function compileWritten(row: FetchRow, path: Path, { base, lane }: FetchFrame, refuse: Refuse): CompiledFetch | null {
  const url = row.url.startsWith("/") ? `${base}${row.url}` : row.url;
  const compiled = compileFetch({ ...row, url }, pathText(path), lane);
  if ("fetch" in compiled) return compiled.fetch;
  for (const fault of compiled.faults) refuse(pathOf(fault.place), fault.message);
  return null;
}

/** The row without the members that something is wrong with: the rest can still be read. */
function without(row: unknown, findings: readonly ConfigurationIssue[]): unknown {
  const wrong = new Set(findings.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(membersOf(row)).filter(([key]) => !wrong.has(key)));
}

function resolveScheme(written: unknown, path: Path, refuse: Refuse): Scheme | undefined {
  if (written === undefined) return undefined;
  try {
    return readScheme(written);
  } catch (error) {
    if (!(error instanceof SchemeError)) throw error;
    for (const { place, message, allowed } of error.faults) refuse([...path, ...pathOf(place)], message, allowed);
    return undefined;
  }
}

/** A secret that the scheme can't use would only ever refuse, and nobody would know why. */
function checkSecrets(scheme: Scheme, secrets: readonly unknown[], path: Path, refuse: Refuse): void {
  for (const [index, secret] of secrets.entries()) {
    const written = typeof secret === "string";
    const value = written ? secret : membersOf(secret)["value"];
    const fault = typeof value === "string" ? faultOfSecret(scheme, value) : undefined;
    if (fault !== undefined) refuse(written ? [...path, index] : [...path, index, "value"], fault);
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
