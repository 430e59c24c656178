import type { Redis } from "ioredis";

/** The version of the state under the intake's keys. */
export const INTAKE_FORMAT = 1;

/**
 * The version of the state under a lane's keys. The release before wrote no version; each of the two reads the state of the
 * other, so one fleet may run both for a while.
 */
const LANE_FORMAT = 2;

/** That of a destination with several lanes: a release that knows of one must not open its records in the first. */
const SPREAD_FORMAT = 3;

/** A newer Sluice has written to this Redis, and its state can't be read here. */
export class StateFormatError extends Error {
  readonly code = "state_format_newer";
  readonly hint = "run the newer version, or let it empty the intake before going back to this one";

  constructor(kept: number, known: number) {
    super(`Redis holds state of format ${kept}, and this version of Sluice knows ${known}`);
    this.name = "StateFormatError";
  }
}

/** Writes this version to a lane. @throws StateFormatError */
export async function markLane(redis: Redis, tag: string): Promise<void> {
  const kept = Number((await redis.get(`${tag}:format`)) ?? 0);
  if (kept > SPREAD_FORMAT) throw new StateFormatError(kept, SPREAD_FORMAT);
  if (kept < LANE_FORMAT) await redis.set(`${tag}:format`, LANE_FORMAT);
}

/** Writes the version of a destination that has several lanes from now on to its first one. */
export async function markSpread(redis: Redis, tag: string): Promise<void> {
  await redis.set(`${tag}:format`, SPREAD_FORMAT);
}

/** Writes the version of a destination that has one lane from now on. */
export async function markAlone(redis: Redis, tag: string): Promise<void> {
  await redis.set(`${tag}:format`, LANE_FORMAT);
}

/** Reads the answer of the script `begin`. @throws StateFormatError */
export function readBegin(answer: unknown): {
  readonly nowMicros: number;
  readonly arrival: number;
  readonly session: number;
  readonly bytes: number;
  /** The last job of this door that Redis knows. */
  readonly added: number;
} {
  const [format, seconds, micros, arrival, session, bytes, added] = (answer as (string | number)[]).map(Number);
  if (format! > INTAKE_FORMAT) throw new StateFormatError(format!, INTAKE_FORMAT);
  return {
    nowMicros: seconds! * 1_000_000 + micros!,
    arrival: arrival!,
    session: session!,
    bytes: bytes!,
    added: added!,
  };
}
