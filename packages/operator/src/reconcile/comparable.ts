import type { StoredRecord } from "@sluice/destination";
import type { LiveRecord } from "@sluice/queue";
import { compareStamps, shownField, type RecordKey, type Stamp } from "@sluice/record";
import { isEditedThere, type Comparison } from "./comparison.ts";
import type { PastRecord, PastValue } from "./confirmed-past.ts";
import type { Expected } from "./expected.ts";
import type { Finding, RepairWord } from "./reconcile-report.ts";

/** A record that is to be compared, with the state in Redis by which it is. */
export type Candidate = {
  readonly past: PastRecord;
  readonly live: LiveRecord | null;
  readonly expected: Exclude<Expected, { kind: "unknown" }>;
};

/** A candidate with the values that its destination should show; `confirmed` null: it was deleted. */
export type Comparable = Candidate & {
  readonly confirmed: ReadonlyMap<string, PastValue & { readonly stamp: Stamp }> | null;
  /** Fields whose values nobody knows; and the stamps of those whose values the history may get yet. */
  readonly unknown: readonly string[];
  readonly unknownStamps: readonly Stamp[];
};

export function keyOf({ past: { record } }: Candidate): RecordKey {
  return { by: record.by, value: record.key };
}

export function withValues(candidate: Candidate, known: ReadonlyMap<string, PastValue> | undefined): Comparable {
  const { expected } = candidate;
  if (expected.kind === "gone") return { ...candidate, confirmed: null, unknown: [], unknownStamps: [] };
  const fields = [...expected.fields].flatMap(([field, stamp]) => {
    const value = known?.get(field);
    return value === undefined ? [] : [[field, { ...value, stamp }] as const];
  });
  const confirmed = new Map(fields);
  const missing = [...expected.fields].filter(([field]) => !confirmed.has(field));
  const unknown = [...expected.unknown, ...missing.map(([field]) => field)];
  return { ...candidate, confirmed, unknown, unknownStamps: missing.map(([, stamp]) => stamp) };
}

/** Whether nothing was written of a record, nor came in, between two looks at its state. */
export function isSameState(before: LiveRecord | null, now: LiveRecord | null): boolean {
  if (before === null || now === null) return before === now;
  if (now.state !== "quiet" || before.confirmed.size !== now.confirmed.size) return false;
  return (
    isSame(before.deleted, now.deleted) &&
    [...before.confirmed].every(([field, stamp]) => isSame(stamp, now.confirmed.get(field) ?? null))
  );
}

function isSame(a: Stamp | null, b: Stamp | null): boolean {
  return a === null || b === null ? a === b : compareStamps(a, b) === 0;
}

export function findingOf(
  { past: { record, lastEndedMs }, live, unknown }: Comparable,
  { kind, fields }: Exclude<Comparison, { kind: "same" }>,
  { stored, word }: { readonly stored: StoredRecord | null; readonly word: RepairWord },
): Finding {
  const isDoubtful = live?.isDoubtful === true;
  return {
    record,
    finding: kind,
    fields: fields.map((each) => ({ ...each, field: shownField(each.field) })),
    unknown: unknown.map(shownField),
    isDoubtful,
    // A late write of our own changed a doubtful record too.
    isEditedThere: stored === null || isDoubtful ? null : isEditedThere(stored, lastEndedMs),
    repair: word,
  };
}
