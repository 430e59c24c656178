/**
 * How values cross between SQL and JavaScript. Both drivers are told to do the same, so that the embedded
 * Postgres accepts and returns the same values as a real one.
 */

/** Type identifiers of Postgres (pg_type.oid). */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  json: 114,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
} as const;

type Parser = (text: string) => unknown;

const asText: Parser = (text) => text;
const asJson: Parser = (text) => JSON.parse(text) as unknown;

/** Reads `2026-01-02 03:04:05.678+00`; most sessions are in UTC. */
function asDate(text: string): Date {
  const local = text.replace(" ", "T");
  return new Date(local.endsWith("+00") ? `${local.slice(0, -3)}Z` : local.replace(/([+-]\d\d)$/, "$1:00"));
}

/** Text of a result → value, for the types on which the drivers' own defaults differ. */
export const RESULT_PARSERS: Readonly<Record<number, Parser>> = {
  [OID.int8]: asText,
  [OID.numeric]: asText,
  [OID.json]: asJson,
  [OID.jsonb]: asJson,
  [OID.date]: asText,
  [OID.timestamp]: asText,
  [OID.timestamptz]: asDate,
};

/** A parameter as both drivers take it. */
export function parameterOf(value: unknown): unknown {
  if (value === undefined) return null;
  // Each driver writes a Date in its own way, `pg` in the machine's time zone.
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(parameterOf);
  return value;
}

/** The texts that `pg` writes for these types, where PGlite insists on a JavaScript type of its own liking. */
export const PARAMETER_WRITERS: Readonly<Record<number, (value: unknown) => string>> = {
  [OID.bool]: (value) => (value === true || value === "true" || value === "t" ? "t" : "f"),
  [OID.int8]: String,
  [OID.numeric]: String,
  25: String,
  1043: String,
};
