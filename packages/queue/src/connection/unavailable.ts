/** Redis could not confirm: nothing may be acknowledged, the sender should come back. */
export class QueueUnavailableError extends Error {
  readonly code = "queue_unavailable";
  readonly hint: string;
  readonly retryAfterSeconds: number;

  constructor(
    message: string,
    { retryAfterSeconds = 5, ...options }: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
    this.name = "QueueUnavailableError";
    this.hint = "Nothing of this request was acknowledged: send it again. The log says why Redis did not answer.";
  }
}
