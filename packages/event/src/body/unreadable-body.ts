/** The body of an authentic request can't be read. The hint is written for its sender. */
export class UnreadableBodyError extends Error {
  override readonly name = "UnreadableBodyError";
  readonly code = "body_unreadable";
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}
