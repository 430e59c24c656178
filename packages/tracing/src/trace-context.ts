import { LIMITS } from "./limits.ts";

/** A place in a trace, as W3C's Trace Context has it. */
export type TraceContext = {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The lowest bit: the trace is sampled. */
  readonly flags: number;
  /** Members of other tracing systems, which go on as they came; "" for none. */
  readonly state: string;
};

/*
 * The text of a context, as it travels in Redis: `traceparent`, and where there is a `tracestate` a space and that.
 */

export function writeContext({ traceId, spanId, flags, state }: TraceContext): string {
  const parent = `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`;
  return state === "" ? parent : `${parent} ${state}`;
}

/** Null: the text is no context. */
export function readContext(text: string): TraceContext | null {
  const end = text.indexOf(" ");
  return end < 0 ? contextOf(text, "") : contextOf(text.slice(0, end), text.slice(end + 1));
}

export function headersOf(text: string): Readonly<Record<string, string>> {
  const end = text.indexOf(" ");
  return end < 0 ? { traceparent: text } : { traceparent: text.slice(0, end), tracestate: text.slice(end + 1) };
}

/** The context that a request's headers carry, as text. Null: they carry none, or one that is not valid. */
export function contextOfHeaders(
  traceparent: string | readonly string[] | undefined,
  tracestate: string | readonly string[] | undefined,
): string | null {
  // A `traceparent` that is there twice is none.
  if (typeof traceparent !== "string") return null;
  const state = typeof tracestate === "string" ? tracestate : (tracestate ?? []).join(",");
  const context = contextOf(traceparent.trim(), state.trim());
  return context === null ? null : writeContext(context);
}

function contextOf(traceparent: string, tracestate: string): TraceContext | null {
  const parts = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(traceparent);
  if (parts === null) return null;
  const [, version, traceId = "", spanId = "", flags = "", more] = parts;
  // A later version may say more behind these parts; ff is no version.
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const fits = tracestate.length <= LIMITS.traceStateChars && /^[\x20-\x7e]*$/.test(tracestate);
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & 1, state: fits ? tracestate : "" };
}
