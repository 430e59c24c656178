import type { RecordName } from "@sluice/record";
import { LIMITS } from "../limits.ts";
import type { DifferentField, FindingKind } from "./comparison.ts";

/**
 * The fate of a finding. `none`: no repair was asked for. `asked`: its values are pending. `mended`: read back, and the destination shows
 * them. `blind`: it may be a newer write of our own. `unknown`: none of its values is known. `returned`: nothing is deleted by a repair.
 */
export type RepairWord = "none" | "asked" | "mended" | "blind" | "unknown" | "returned";

export type Finding = {
  readonly record: RecordName;
  readonly finding: FindingKind;
  readonly fields: readonly DifferentField[];
  /** Fields whose confirmed values nobody knows: they were not compared. */
  readonly unknown: readonly string[];
  /** A late write may have put it back. */
  readonly isDoubtful: boolean;
  /** Null: the destination does not say. */
  readonly isEditedThere: boolean | null;
  readonly repair: RepairWord;
};

export type ReconcileReport = {
  /** Records that were compared. */
  readonly compared: number;
  readonly same: number;
  readonly found: Readonly<Record<FindingKind, number>>;
  /** Among the found ones. */
  readonly doubtful: number;
  readonly editedThere: number;
  readonly repairs: Readonly<Record<RepairWord, number>>;
  /** Records that were not compared. `pending`: something was on its way, also in the end. `dead`: they have a dead letter. `unasked`: their keys can't be asked for. `unknown`: nobody knows what the destination should show. */
  readonly skipped: Readonly<Record<Skipped, number>>;
  /** Fields of compared records that were left out: their values are not in the history, or `redact` took them out. */
  readonly unknownFields: number;
  /** Doubtful records of which the history knows nothing. */
  readonly doubtfulUnknown: number;
  /** The first ones. */
  readonly findings: readonly Finding[];
};

export type Skipped = "pending" | "dead" | "unasked" | "unknown";

export type ReconcileTally = {
  same(): void;
  find(place: string, finding: Finding): void;
  /** The destination shows what was repaired. */
  mended(place: string): void;
  skip(why: Skipped): void;
  leaveOut(fields: number): void;
  doubtfulUnknown(records: number): void;
  readonly report: ReconcileReport;
};

/** Adds up what a reconcile finds. It holds the first findings, however many there are. */
export function createTally(): ReconcileTally {
  const found: Record<FindingKind, number> = { missing: 0, different: 0, returned: 0 };
  const repairs: Record<RepairWord, number> = { none: 0, asked: 0, mended: 0, blind: 0, unknown: 0, returned: 0 };
  const skipped: Record<Skipped, number> = { pending: 0, dead: 0, unasked: 0, unknown: 0 };
  const findings = new Map<string, Finding>();
  let [same, doubtful, editedThere, unknownFields, doubtfulUnknown, characters] = [0, 0, 0, 0, 0, 0];
  return {
    same: () => void (same += 1),
    find(place, finding) {
      found[finding.finding] += 1;
      repairs[finding.repair] += 1;
      if (finding.isDoubtful) doubtful += 1;
      if (finding.isEditedThere === true) editedThere += 1;
      if (findings.size >= LIMITS.findings || characters >= LIMITS.findingsCharacters) return;
      const shown = cut(finding);
      characters += JSON.stringify(shown).length;
      findings.set(place, shown);
    },
    mended(place) {
      repairs.asked -= 1;
      repairs.mended += 1;
      const finding = findings.get(place);
      if (finding !== undefined) findings.set(place, { ...finding, repair: "mended" });
    },
    skip: (why) => void (skipped[why] += 1),
    leaveOut: (fields) => void (unknownFields += fields),
    doubtfulUnknown: (records) => void (doubtfulUnknown += records),
    get report() {
      const compared = same + found.missing + found.different + found.returned;
      const counts = { compared, same, doubtful, editedThere, unknownFields, doubtfulUnknown };
      const copies = { found: { ...found }, repairs: { ...repairs }, skipped: { ...skipped } };
      return { ...counts, ...copies, findings: [...findings.values()] };
    },
  };
}

/** A finding whose long values are cut, as it is shown. */
function cut(finding: Finding): Finding {
  const fields = finding.fields.slice(0, LIMITS.findingFields).map(({ field, confirmed, found }) => ({
    field,
    confirmed: shortened(confirmed),
    found: shortened(found),
  }));
  return { ...finding, fields, unknown: finding.unknown.slice(0, LIMITS.findingFields) };
}

function shortened<Value>(value: Value): Value | string {
  const text = JSON.stringify(value) ?? "null";
  return text.length <= LIMITS.findingCharacters ? value : `${text.slice(0, LIMITS.findingCharacters)}…`;
}
