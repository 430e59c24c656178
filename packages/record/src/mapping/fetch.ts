import type { Event, Json } from "@sluice/event";
import type { Change } from "../change.ts";
import {
  compileExpression,
  compileKey,
  evaluate,
  ExpressionError,
  type Expression,
  type ExpressionFault,
} from "../expression/expression.ts";
import { isTrue } from "../expression/truth.ts";
import { MAX_CHANGE_BYTES } from "../limits.ts";

/** `fetch:` as the configuration writes it. */
export type FetchRow = {
  readonly when?: string | undefined;
  readonly url: string;
  readonly document?: string | undefined;
  readonly gone?: string | undefined;
  readonly missing?: "ignore" | "delete" | undefined;
};

/** How the document is fetched that a thin event only points to. */
export type CompiledFetch = {
  /** The place of the `fetch` in the configuration, e.g. `sources.xero.fetch`: it is the object of the changes that ask for documents. */
  readonly place: string;
  /** The lane of the source's fetches. */
  readonly lane: string;
  readonly when: Expression | null;
  /** Literal text and expressions in turn. A value between quotes, as OData writes a key, has its own quotes doubled. */
  readonly url: readonly (string | Expression)[];
  /** The URL as it is written, for messages. */
  readonly written: Pick<Expression, "text" | "place">;
  /** Which part of the answer is the document; null: all of it. */
  readonly document: Expression | null;
  /** Over the answer that refuses a document: true where it means what a 404 means elsewhere. */
  readonly gone: Expression | null;
  /** The meaning of a 404: nothing, or a delete. */
  readonly missing: "ignore" | "delete";
};

const HOLE = /\{\{(.*?)\}\}/gs;

/** Compiles a row. The host stands outside of the expressions: no event decides who is sent the credentials. */
export function compileFetch(
  row: FetchRow,
  place: string,
  lane: string,
): { readonly fetch: CompiledFetch; readonly faults: readonly [] } | { readonly faults: readonly ExpressionFault[] } {
  const faults: ExpressionFault[] = [];
  const optional = (text: string | undefined, at: string): Expression | null =>
    text === undefined ? null : compileExpression(text, `${place}.${at}`, faults);
  const url: (string | Expression)[] = [];
  let from = 0;
  for (const hole of row.url.matchAll(HOLE)) {
    url.push(row.url.slice(from, hole.index));
    const expression = compileKey(hole[1]!, `${place}.url`, faults);
    if (expression !== null) url.push(expression);
    from = hole.index + hole[0].length;
  }
  url.push(row.url.slice(from));
  if (!/^https?:\/\/[^/?#{}@\s]+\//.test(row.url)) {
    faults.push({
      place: `${place}.url`,
      message:
        "must begin with http:// or https://, a host and a path, written out; or with / after the `base` of the source's `fetch`",
    });
  }
  const when = optional(row.when, "when");
  const document = optional(row.document, "document");
  const gone = optional(row.gone, "gone");
  if (faults.length > 0) return { faults };
  const written = { text: row.url, place: `${place}.url` };
  return { fetch: { place, lane, when, url, written, document, gone, missing: row.missing ?? "ignore" }, faults: [] };
}

/**
 * The change by which a thin event asks for its document, keyed by the URL. Such changes order by arrival, and each type of
 * event is a field of its own, so that the newest event of every type in a burst is kept.
 * @throws ExpressionError
 */
export async function askFor(event: Event, fetch: CompiledFetch, arrivedMs: number): Promise<Change | null> {
  if (fetch.when !== null && !isTrue(await evaluate(fetch.when, event, arrivedMs))) return null;
  const parts = await Promise.all(
    fetch.url.map(async (part, at) => {
      if (typeof part === "string") return part;
      const text = urlPart(await evaluate(part, event, arrivedMs), part);
      const [before, after] = [fetch.url[at - 1], fetch.url[at + 1]];
      const isQuoted =
        typeof before === "string" && before.endsWith("'") && typeof after === "string" && after.startsWith("'");
      return encodeURIComponent(isQuoted ? text.replaceAll("'", "''") : text);
    }),
  );
  const url = parts.join("");
  // Encoding leaves dots as they are, and `.` and `..` would lead out of their folder.
  if (/\/\.{1,2}(?:\/|$)/.test(url.split(/[?#]/, 1)[0]!)) {
    throw new ExpressionError(fetch.written, `"." or ".." can't be a part of a URL`);
  }
  const value = { ...event };
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_CHANGE_BYTES) {
    const message = `the event exceeds the ${MAX_CHANGE_BYTES} bytes that are kept of it until its document is fetched`;
    throw new ExpressionError(fetch.written, message);
  }
  return {
    destination: fetch.lane,
    object: fetch.place,
    key: { by: "external_id", value: url },
    version: null,
    effect: { kind: "fields", fields: new Map([[`event:${event.type}`, value]]) },
  };
}

/** The text of one value in a URL. The caller encodes it, so that an id can add neither a path nor a query. */
function urlPart(value: Json | undefined, expression: Expression): string {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== "string" || text === "") {
    const seen = value === undefined ? "nothing" : JSON.stringify(value).slice(0, 60);
    throw new ExpressionError(expression, `expected text for the URL, got ${seen}`);
  }
  return text;
}
