import { arrivedAtMs, compareStamps, tieOf, type Stamp } from "@sluice/record";
import type { UnderstoodChange } from "../written/understood.ts";

/** Which of two stamps' members decided. */
export type DecidedBy = "version" | "rank" | "finer" | "arrival" | "run" | "deleted";

/** A change's place in the order of all changes of its record; compared member by member, from the top. */
export type ShownStamp = {
  /** A whole number, or an RFC 3339 time to the microsecond; for a mapping by `arrival` the time of arrival. */
  readonly version: string;
  readonly versionKind: UnderstoodChange["versionKind"];
  readonly rank: number;
  readonly finer: string | null;
  /** Null: the release before made the stamp. */
  readonly arrivedAt: string | null;
  readonly run: number;
};

/** @param kind undefined: the change is not known, and a number that could be a time is taken for one */
export function shownStamp(stamp: Stamp, kind?: UnderstoodChange["versionKind"]): ShownStamp {
  const tie = tieOf(stamp);
  const isArrival = tie !== null && stamp.version === BigInt(tie.arrival.micros);
  const versionKind = kind ?? (isArrival ? "arrival" : couldBeTime(stamp.version) ? "time" : "integer");
  return {
    version: versionKind === "integer" ? String(stamp.version) : microsText(stamp.version),
    versionKind,
    rank: stamp.rank,
    finer: tie?.finerMicros == null ? null : microsText(tie.finerMicros),
    arrivedAt: tie === null ? null : new Date(arrivedAtMs(tie.arrival)).toISOString(),
    run: tie?.run ?? 0,
  };
}

function couldBeTime(version: bigint): boolean {
  return version > 100_000_000_000_000n && version < 10_000_000_000_000_000n;
}

/** RFC 3339 with the microseconds that there are. */
function microsText(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n;
  const ms = Number((micros - rest) / 1000n);
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return String(micros);
  const text = new Date(ms).toISOString();
  return rest === 0n ? text : `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

/** The reason why `winner` is newer than `loser`. @param isDelete the winner is a delete */
export function decidedBy(loser: Stamp, winner: Stamp, isDelete: boolean): DecidedBy {
  if (isDelete) return "deleted";
  if (loser.version !== winner.version) return "version";
  if (loser.rank !== winner.rank) return "rank";
  const [a, b] = [tieOf(loser), tieOf(winner)];
  if (a === null || b === null) return "arrival";
  if (a.finerMicros !== b.finerMicros) return "finer";
  if (a.arrival.micros !== b.arrival.micros || a.arrival.session !== b.arrival.session) return "arrival";
  return "run";
}

/** Why a change lost, in a sentence. @param event as people know the winner */
export function becauseText(
  loser: ShownStamp,
  winner: ShownStamp,
  by: DecidedBy,
  { event, source }: { readonly event: string | null; readonly source: string | null },
): string {
  const whose =
    event === null
      ? "which an event set that the history does not have"
      : `which event ${event}${source === null ? "" : ` of ${source}`} set`;
  switch (by) {
    case "deleted":
      return `the record was deleted as of ${winner.version}${event === null ? "" : ` by event ${event}${source === null ? "" : ` of ${source}`}`}, and it is not newer than that`;
    case "version":
      return `its version ${loser.version} is older than ${winner.version}, ${whose}`;
    case "rank":
      return `its version ${loser.version} is the same as one ${whose}, and of two equal versions the later source wins`;
    case "finer":
      return `its version ${loser.version} is the same as one ${whose}, and its own time ${loser.finer ?? "none"} is older than ${winner.finer ?? "none"}`;
    case "arrival":
      return `its version ${loser.version} is the same as one ${whose}, and that one came in later`;
    case "run":
      return `it was replayed since, ${whose}`;
  }
}

export function isNewer(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) > 0;
}
