import { holdText } from "../hold-text.ts";
import type { LaneNumbers, LiveRecord } from "@sluice/queue";

/** A reason why nothing of a record goes out now, and until when it stands (ms since 1970); null: until somebody ends it. */
export type WaitsFor = {
  readonly code: "dead" | "parked" | "flying" | "posted" | "attempt" | "turn" | "held";
  readonly text: string;
  readonly untilMs: number | null;
};

type Facts = Pick<
  LiveRecord,
  "object" | "state" | "nowMs" | "dueMs" | "attempts" | "lastFailure" | "flight" | "isPosted" | "letter"
>;

/** The reasons why a record waits, the nearest first; empty where nothing of it is pending. */
export function waitsFor(
  destination: string,
  record: Facts,
  { gate: { hold } }: Pick<LaneNumbers, "gate">,
): readonly WaitsFor[] {
  const own = ownReasons(destination, record);
  if (hold === null || record.state === "quiet" || record.state === "dead") return own;
  const why = hold.reason === "operator" && hold.note !== "" ? `an operator: ${hold.note}` : holdText(hold.reason);
  const held: WaitsFor = {
    code: "held",
    text: `${destination} is held (${why})`,
    untilMs: hold.forMs === null ? null : record.nowMs + hold.forMs,
  };
  return [...own.filter(({ code }) => code !== "turn"), held];
}

function ownReasons(destination: string, record: Facts): readonly WaitsFor[] {
  const { state, dueMs, flight, isPosted, letter } = record;
  switch (state) {
    case "quiet":
      return [];
    case "dead":
      return [{ code: "dead", text: `it is a dead letter: ${letter?.reason.message ?? ""}`, untilMs: null }];
    case "parked":
      return [
        { code: "parked", text: "an operator parked it: what comes in is merged, and nothing is sent", untilMs: null },
      ];
    case "flying": {
      const job = flight?.job ?? null;
      const text = job === null ? "a request with it is under way" : "a job of the destination carries it";
      return [{ code: "flying", text, untilMs: dueMs }];
    }
    case "waiting":
      return isPosted
        ? [{ code: "posted", text: "a job that was posted, and whose id was never told, may carry it", untilMs: dueMs }]
        : [{ code: "attempt", text: failure(destination, record), untilMs: dueMs }];
    case "due":
      return [{ code: "turn", text: "it is due, and goes out as soon as the destination takes it", untilMs: null }];
  }
}

function failure(destination: string, { object, attempts, lastFailure }: Facts): string {
  switch (lastFailure) {
    case null:
      return "it waits for its next attempt";
    case "object_missing":
      return `${destination} has no object ${object}: make it there, or let the mapping name another one; until then its records wait and are tried again`;
    case "object_held":
      return `${destination} takes no record of ${object}, as it answered to another one: the records of that object wait and are tried again`;
    default:
      return `attempt ${Math.max(1, attempts)} failed (${lastFailure}), and the next one waits`;
  }
}
