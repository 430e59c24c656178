import type { SenderReply, ReplyProfile } from "../scheme.ts";
import type { ObjectReader } from "./object-reader.ts";

const OCCASIONS = ["success", "duplicate", "notAuthentic", "unreadable", "refused"] as const;
const ALLOWED = "a status from 200 to 599, or { status, body: none, report or { text, type } }";

/**
 * Reads `reply:` of a scheme that is written out: for each occasion the status that its sender wants, without
 * a body, or status and body. `refused` stands for every other answer from 400 to 499, `overload` for the answer
 * when nothing can be stored now. Occasions that are left out are answered ordinarily.
 */
export function readReply(written: ObjectReader): ReplyProfile {
  const replies = OCCASIONS.flatMap((occasion): [string, SenderReply | undefined][] =>
    written.has(occasion) ? [[occasion, readOccasion(written, occasion)]] : [],
  );
  const overload = written.has("overload") ? [["overload", readOverload(written)] as const] : [];
  written.end();
  return Object.fromEntries([...replies, ...overload].filter(([, reply]) => reply !== undefined));
}

function readOccasion(parent: ObjectReader, occasion: string): SenderReply | undefined {
  if (typeof parent.raw(occasion) === "number") {
    const status = parent.integer(occasion, 200, 599);
    return status === undefined ? undefined : { status, body: "none" };
  }
  const written = parent.object(occasion, ALLOWED);
  const status = written.integer("status", 200, 599);
  const body = readReplyBody(written);
  written.end();
  return status === undefined || body === undefined ? undefined : { status, body };
}

function readReplyBody(parent: ObjectReader): SenderReply["body"] | undefined {
  if (!parent.has("body")) return "none";
  if (typeof parent.raw("body") === "string") return parent.choice<"none" | "report">("body", ["none", "report"]);
  const written = parent.object("body", "none, report, or { text, type }");
  const text = written.text("text", "text");
  const type = written.text("type", "a content type", "text/plain");
  written.end();
  return text === undefined || type === undefined ? undefined : { text, type };
}

function readOverload(parent: ObjectReader): ReplyProfile["overload"] {
  const written = parent.object("overload", "{ status: 429 or 503, retryAfter: seconds or milliseconds }");
  const status = written.has("status") ? written.integer("status", 429, 503) : 503;
  const retryAfter = written.choice("retryAfter", ["seconds", "milliseconds"], "seconds");
  if (status !== undefined && status !== 429 && status !== 503) {
    written.fault("status", `${status} is no such status`, "429 or 503");
  }
  written.end();
  return (status === 429 || status === 503) && retryAfter !== undefined ? { status, retryAfter } : undefined;
}
