/** Redis could not confirm: nothing may be acknowledged, the sender should come back. */
export class QueueUnavailableError extends Error {
  readonly code = "queue_unavailable";
  readonly hint: string;
  readonly retryAfterSeconds = 5;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "QueueUnavailableError";
    this.hint = "Nothing of this request was acknowledged: send it again. The log says why Redis did not answer.";
  }
}
