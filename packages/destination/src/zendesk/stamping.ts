import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { encodeStamp, NAME_FIELD } from "@sluice/record";
import { RULINGS } from "@sluice/zendesk";
import type { Write } from "../destination.ts";
import type { Reply } from "../http/reply.ts";
import { MAX_STAMPS_HEADER_BYTES } from "../limits.ts";

/** Tells how new the fields of writes are, to a store that keeps that: services/records (docs/wire-contract.md §9.1). */
export type Stamping = {
  /** The header of a request with these writes; empty where nobody would read it. */
  headers(writes: readonly Write[]): Readonly<Record<string, string>>;
  /** Hears an answer to a write, which tells whether tokens are checked, and so stamps. */
  hear(reply: Reply): void;
};

export function createStamping(): Stamping {
  let isRead = true;
  return {
    headers(writes) {
      const state = writes[0]?.claim.state ?? null;
      if (!isRead || state === null) return {};
      // A job may hold claims from before and after the state went back.
      const items = writes.map((write) => (write.claim.state === state ? stampsOf(write) : null));
      const header = encoded(nameOf(state), items);
      return header === null ? {} : { [RULINGS.stampsHeader]: header };
    },
    hear({ status, fenced }) {
      if (status >= 200 && status < 300) isRead = fenced === true;
    },
  };
}

/** By stamp, the fields that have it; `*` stands for the whole write. */
type ItemStamps = Readonly<Record<string, "*" | readonly string[]>>;

function stampsOf({ effect, claim }: Write): ItemStamps {
  const { deletion, fields } = claim.snapshot;
  if (effect === "delete") return deletion === null ? {} : { [encodeStamp(deletion.stamp).toString("hex")]: "*" };
  const byStamp = new Map<string, string[]>();
  for (const [field, { stamp }] of fields) {
    const key = encodeStamp(stamp).toString("hex");
    const of = byStamp.get(key);
    const name = field === NAME_FIELD ? "@name" : field;
    if (of === undefined) byStamp.set(key, [name]);
    else of.push(name);
  }
  const [only] = byStamp.keys();
  return byStamp.size === 1 ? { [only!]: "*" } : Object.fromEntries(byStamp);
}

/** The header's text. Where it would be too long the longest items are left out. Null: nothing is left. */
function encoded(state: string, items: readonly (ItemStamps | null)[]): string | null {
  for (let told = items; told.some((each) => each !== null); told = withoutLongest(told)) {
    const header = deflateRawSync(JSON.stringify({ state, items: told })).toString("base64");
    if (header.length <= MAX_STAMPS_HEADER_BYTES) return header;
  }
  return null;
}

/** The items without the longer half of those that tell something. */
function withoutLongest(items: readonly (ItemStamps | null)[]): readonly (ItemStamps | null)[] {
  const lengths = items.map((each) => (each === null ? 0 : JSON.stringify(each).length));
  const telling = lengths.filter((length) => length > 0).toSorted((a, b) => a - b);
  const most = telling[Math.floor(telling.length / 2) - 1] ?? -1;
  return items.map((each, at) => (lengths[at]! <= most ? each : null));
}

function nameOf(state: string): string {
  return createHash("sha256").update(state).digest("hex").slice(0, 12);
}
