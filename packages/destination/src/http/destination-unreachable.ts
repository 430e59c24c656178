/** No answer came: the network failed, or the deadline passed. Whether the request was carried out is mostly not known. */
export class DestinationUnreachableError extends Error {
  readonly code: "destination_unreachable" | "destination_timeout";
  readonly hint: string;
  /** False: there was no connection, and so nothing went out. */
  readonly mayHaveSent: boolean;

  constructor(
    message: string,
    facts: { code: DestinationUnreachableError["code"]; mayHaveSent?: boolean; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = facts.code;
    this.mayHaveSent = facts.mayHaveSent ?? true;
    this.hint =
      facts.code === "destination_timeout"
        ? "the destination is slow or away; the write is repeated, which does no harm"
        : "check that the destination's url is right and that it can be reached from here";
  }
}
