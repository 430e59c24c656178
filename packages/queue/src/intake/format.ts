/** The version of what is kept under the intake's keys. */
export const INTAKE_FORMAT = 1;

/** A newer Sluice has written to this Redis: what it wrote can't be read here. */
export class StateFormatError extends Error {
  readonly code = "state_format_newer";
  readonly hint = "run the newer version, or let it empty the intake before going back to this one";

  constructor(kept: number) {
    super(`Redis holds state of format ${kept}, and this version of Sluice knows ${INTAKE_FORMAT}`);
    this.name = "StateFormatError";
  }
}

/** What the script `begin` says. @throws StateFormatError */
export function readBegin(answer: unknown): {
  readonly nowMicros: number;
  readonly arrival: number;
  readonly session: number;
  readonly bytes: number;
} {
  const [format, seconds, micros, arrival, session, bytes] = (answer as (string | number)[]).map(Number);
  if (format! > INTAKE_FORMAT) throw new StateFormatError(format!);
  return { nowMicros: seconds! * 1_000_000 + micros!, arrival: arrival!, session: session!, bytes: bytes! };
}
