import type { Reconcile } from "@sluice/console";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/printable.ts";
import { table } from "../terminal/table.ts";
import { countText } from "../transfer/transfer-progress.ts";

type Report = NonNullable<Reconcile["report"]>;
type Finding = Report["findings"][number];

/** Whether everything that could be compared is as it should be: found so, or seen to be mended. */
export function isMended({ state, report }: Pick<Reconcile, "state" | "report">): boolean {
  if (state === "running") return true;
  return state === "done" && report !== null && foundIn(report) === report.repairs["mended"];
}

function foundIn({ found }: Report): number {
  return Object.values(found).reduce((sum, each) => sum + each, 0);
}

/** How far a reconcile is, in a line. */
export function standing({ id, stage, waitsFor, report }: Reconcile): string {
  const done = report === null ? "" : `: ${counted(report.compared, "record")}, ${countText(foundIn(report))} found`;
  const waits = waitsFor === null ? "" : `, waits: ${WAITS[waitsFor]}`;
  return `${STAGES[stage]}${done}${waits} (${id})`;
}

const STAGES = {
  doubtful: "comparing doubtful records",
  reading: "looking through the history",
  comparing: "comparing",
  again: "looking once more",
} as const satisfies Record<Reconcile["stage"], string>;

const WAITS = {
  destination: "the destination has enough to write, or is held",
  backfill: "a backfill or a replay goes first",
  redis: "Redis is too full",
  dead_letters: "its source's dead letters have no room",
} as const satisfies Record<NonNullable<Reconcile["waitsFor"]>, string>;

/** A reconcile for people: each finding, then the numbers, then what there is to do. */
export function reconcileText(reconcile: Reconcile): string {
  const { report, state, error, destination } = reconcile;
  const lines: string[] = [];
  if (report !== null) {
    if (report.findings.length > 0) lines.push(table([HEAD, ...report.findings.flatMap(rowsOf)]), "");
    const more = foundIn(report) - report.findings.length;
    if (more > 0) lines.push(`… and ${counted(more, "record")} more`, "");
    lines.push(...numbersOf(report), ...skippedIn(report), ...repairsOf(report));
  }
  switch (state) {
    case "running":
      lines.push(standing(reconcile));
      break;
    case "done":
      if (report !== null && foundIn(report) > 0 && !reconcile.repair) {
        const of = reconcile.object === null ? "" : ` --object ${reconcile.object}`;
        lines.push("", `\`sluice reconcile ${destination}${of} --repair\` writes again what is missing or different.`);
      }
      break;
    case "failed":
      lines.push(printable(`It failed: ${error?.message ?? "?"}`), printable(error?.hint ?? ""));
      break;
    case "aborted":
    case "lost":
      lines.push(`It was ${state === "lost" ? "lost: its process ended" : "aborted"}; begin again.`);
      break;
  }
  return lines.join("\n");
}

const HEAD = ["object", "key", "finding", "field", "confirmed", "found", "note"];

function rowsOf(finding: Finding): string[][] {
  const { record, fields } = finding;
  const first = [record.object, record.key, finding.finding];
  const note = notesOf(finding).join(", ");
  if (fields.length === 0) return [[...first, "", "", "", note]];
  return fields.map(({ field, confirmed, found }, at) => [
    ...(at === 0 ? first : ["", "", ""]),
    field,
    JSON.stringify(confirmed),
    JSON.stringify(found),
    at === 0 ? note : "",
  ]);
}

function notesOf({ isEditedThere, isDoubtful, unknown, repair }: Finding): readonly string[] {
  return [
    ...(isEditedThere === true ? ["edited there"] : []),
    ...(isDoubtful ? ["doubtful"] : []),
    ...(unknown.length === 0 ? [] : [`not known: ${unknown.join(" ")}`]),
    ...(repair === "none" ? [] : [REPAIRS[repair]]),
  ];
}

const REPAIRS = {
  asked: "is being written",
  mended: "mended",
  blind: "left: it may be a newer write of our own",
  unknown: "left: its values are not known",
  returned: "left: nothing is deleted",
} as const satisfies Record<Exclude<Finding["repair"], "none">, string>;

function numbersOf(report: Report): readonly string[] {
  const { found, doubtful, editedThere } = report;
  const words = [
    `${countText(found["missing"])} missing`,
    `${countText(found["different"])} different`,
    ...(found["returned"] === 0 ? [] : [`${countText(found["returned"])} deleted and there again`]),
    ...(editedThere === 0 ? [] : [`${countText(editedThere)} of them edited there`]),
    ...(doubtful === 0 ? [] : [`${countText(doubtful)} of them doubtful`]),
  ];
  return [
    `${counted(report.compared, "record")} compared: ${countText(report.same)} as confirmed, ${words.join(", ")}.`,
  ];
}

function skippedIn({ skipped, unknownFields, doubtfulUnknown }: Report): readonly string[] {
  const told: readonly (readonly [number, string])[] = [
    [skipped["pending"], "not compared: something was on its way, also in the end"],
    [skipped["dead"], "not compared: they have a dead letter"],
    [skipped["unasked"], "not compared: the destination can't be asked for their keys"],
    [skipped["unknown"], "not compared: the history does not say what was confirmed"],
    [doubtfulUnknown, "doubtful, and the history knows nothing of them"],
  ];
  const records = told.flatMap(([number, why]) => (number === 0 ? [] : [`${counted(number, "record")} ${why}.`]));
  if (unknownFields === 0) return records;
  return [...records, `${counted(unknownFields, "field")} left out: the history does not have their values.`];
}

function repairsOf({ repairs }: Report): readonly string[] {
  const told: readonly (readonly [number, string])[] = [
    [repairs["mended"], "mended: written again, and read back"],
    [repairs["asked"], "being written: look again in a while"],
    [
      repairs["blind"],
      "left: written in a time of which the state and the history lack something; have the sources send them again",
    ],
    [repairs["unknown"], "left: none of the values that differ is known"],
    [repairs["returned"], "left: a repair deletes nothing"],
  ];
  return told.flatMap(([number, why]) => (number === 0 ? [] : [`${counted(number, "record")} ${why}.`]));
}
