import type { Redis } from "ioredis";

/** The version of what is kept under the intake's keys. */
export const INTAKE_FORMAT = 1;

/**
 * The version of what is kept under a lane's keys. The release before wrote none; what it wrote is read, and it reads what is written
 * here, so one fleet may run both for a while.
 */
const LANE_FORMAT = 2;

/** A newer Sluice has written to this Redis: what it wrote can't be read here. */
export class StateFormatError extends Error {
  readonly code = "state_format_newer";
  readonly hint = "run the newer version, or let it empty the intake before going back to this one";

  constructor(kept: number, known: number) {
    super(`Redis holds state of format ${kept}, and this version of Sluice knows ${known}`);
    this.name = "StateFormatError";
  }
}

/** Leaves its mark on a lane. @throws StateFormatError */
export async function markLane(redis: Redis, tag: string): Promise<void> {
  const kept = Number((await redis.get(`${tag}:format`)) ?? 0);
  if (kept > LANE_FORMAT) throw new StateFormatError(kept, LANE_FORMAT);
  if (kept < LANE_FORMAT) await redis.set(`${tag}:format`, LANE_FORMAT);
}

/** Reads what the script `begin` answers. @throws StateFormatError */
export function readBegin(answer: unknown): {
  readonly nowMicros: number;
  readonly arrival: number;
  readonly session: number;
  readonly bytes: number;
  /** The last job of this door that is known. */
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
