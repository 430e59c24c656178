import type { Accounts } from "./accounts.ts";
import type { Comparison } from "./comparison.ts";
import type { OwnEnd } from "./processes.ts";
import type { SendingNumbers } from "./senders.ts";

export type Result = {
  readonly seed: number;
  readonly minutes: number;
  /** The command that repeats the run. */
  readonly again: string;
  readonly tookMs: number;
  readonly sending: SendingNumbers;
  /** Distinct changes that were sent, unreadable events among them. */
  readonly changes: number;
  /** The number of faults by kind. */
  readonly faults: ReadonlyMap<string, number>;
  /** Findings that must never be: of faults, and losses that were told although there were none. */
  readonly wrong: readonly string[];
  /** How often the state in Redis went back; below, the events that may be lost by that, as is documented, and the places that did not tell. */
  readonly losses: number;
  /** The events that may explain a difference, with their times. */
  readonly timeline: readonly string[];
  readonly excusedEvents: number;
  readonly untold: readonly string[];
  /** Processes that ended although nobody had killed them, and were started again. */
  readonly endedByThemselves: readonly OwnEnd[];
  readonly sampled: number;
  readonly regressions: readonly string[];
  /** Regressions that the documentation allows for at a store that checks no token. */
  readonly excusedRegressions: number;
  readonly comparison: Comparison;
  readonly accounts: Accounts;
  readonly unaccounted: readonly string[];
  /** Dead letters by the code of their reason. */
  readonly letters: ReadonlyMap<string, Letters>;
  /** The output of `sluice audit`. */
  readonly audit: { readonly ok: boolean; readonly output: string };
};

export type Letters = { readonly count: number; readonly message: string };

/** How many differences of each kind are printed. */
const SHOWN = 10;

/** All differences from a good run; empty when the run passed. */
export function differences(result: Result): string[] {
  const { sending, comparison, regressions, unaccounted, audit, wrong, untold } = result;
  const unheard = sending.sent - sending.acknowledged;
  return [
    ...(unheard === 0 ? [] : [`${unheard} events were never acknowledged`]),
    ...sending.wrong.slice(0, SHOWN),
    ...wrong.slice(0, SHOWN),
    ...untold.map((line) => `not told: ${line}`),
    ...comparison.lost.slice(0, SHOWN).map((line) => `lost: ${line}`),
    ...comparison.wrong.slice(0, SHOWN).map((line) => `wrong: ${line}`),
    ...regressions.slice(0, SHOWN).map((line) => `regressed: ${line}`),
    ...unaccounted.slice(0, SHOWN).map((line) => `unaccounted: ${line}`),
    ...(audit.ok ? [] : ["sluice audit found a difference"]),
  ];
}

export function printResult(result: Result): string {
  const { seed, minutes, sending, changes, faults, comparison, accounts, regressions, unaccounted, audit } = result;
  const rows = [...faults].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a);
  const count = (number: number): string => number.toLocaleString("en-US").padStart(11);
  const ended = Object.entries(accounts.outcomes).map(([outcome, number]) => `${outcome} ${number}`);
  const found = differences(result);
  return [
    `Chaos, seed ${seed}, ${minutes.toFixed(1)} minutes under fire, ${(result.tookMs / 60_000).toFixed(1)} in all`,
    ``,
    `${count(sending.sent)} events sent, ${changes.toLocaleString("en-US")} changes of records`,
    `${count(sending.acknowledged)} events acknowledged`,
    `${count(sending.requests)} requests, ${sending.unanswered} of them without a 2xx and sent again; ${sending.repeated} events repeated on purpose`,
    `${count(rows.reduce((sum, [, number]) => sum + number, 0))} faults`,
    ...rows.map(([kind, number]) => `${count(number)}   ${kind}`),
    `${count(result.endedByThemselves.length)} processes ended by themselves and were started again`,
    ...endsByReason(result.endedByThemselves),
    `${count(comparison.records)} records compared, ${comparison.fields} fields; ${result.sampled} sampled while they were written`,
    ...(result.losses === 0
      ? []
      : [
          `${count(result.losses)} times the state went back; ${result.excusedEvents} events may be lost by that, as is documented: ` +
            `${comparison.excused} differences are excused, ${result.excusedRegressions} values that went back`,
        ]),
    `${count(comparison.lost.length)} lost`,
    `${count(comparison.wrong.length)} wrong`,
    `${count(regressions.length)} regressed`,
    `${count(unaccounted.length)} unaccounted: accepted ${accounts.accepted} = ${ended.join(" + ")} + pending ${accounts.pending}`,
    ...[...result.letters].map(
      ([code, { count: letters, message }]) => `${count(letters)} dead letters: ${code}, ${message}`,
    ),
    ``,
    audit.output,
    ``,
    ...(found.length === 0
      ? [`No difference.`]
      : [...found, ``, ...result.timeline, `${found.length} differences. Again: ${result.again}`]),
  ].join("\n");
}

/** Each way in which processes ended by themselves, once: how many did so, and what the first of them said last. */
function endsByReason(ends: readonly OwnEnd[]): readonly string[] {
  const byReason = Map.groupBy(ends, ({ role, how, said }) => `${role}, ${how}, ${codeOf(said)}`);
  return [...byReason.values()]
    .slice(0, SHOWN)
    .flatMap(([first, ...others]) => [
      `${String(others.length + 1).padStart(13)} ${first!.role} ended with ${first!.how}; the first at ${new Date(first!.atMs).toISOString()} said`,
      ...first!.said.map((line) => `                ${line}`),
    ]);
}

/** The code in the last line that names one. */
function codeOf(said: readonly string[]): string {
  return said.findLast((line) => CODE.test(line))?.match(CODE)?.[1] ?? "";
}

const CODE = /"code":"(\w+)"/;
