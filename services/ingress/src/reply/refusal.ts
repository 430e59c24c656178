/**
 * Every way in which the door says no: status, and what a person at the sender should do. One table; a
 * test holds it against the documentation.
 */
export const REFUSALS = {
  body_unreadable: { status: 400, hint: "The body must be what the source's scheme says, as UTF-8 JSON." },
  not_authentic: {
    status: 401,
    hint: "Check the secret and the clock at the sender, and that no proxy changes the body.",
  },
  source_unknown: {
    status: 404,
    hint: "The last part of the path must be a source of sluice.yaml: /webhooks/{source}.",
  },
  method_refused: { status: 405, hint: "Send webhooks with the method that the Allow header names." },
  body_too_large: { status: 413, hint: "Send smaller batches, or raise the source's `body_limit`." },
  encoding_unsupported: { status: 415, hint: "Send the body plain or with Content-Encoding: gzip." },
  rate_exceeded: { status: 429, hint: "Send more slowly, or raise the source's `rate`." },
  busy: { status: 503, hint: "Other large bodies are being read: send it again." },
  keys_unavailable: { status: 503, hint: "The keys that the sender publishes are being fetched: send it again." },
  dead_letters_full: {
    status: 503,
    hint: "Too many events of this source could not be applied: their dead letters must be replayed or discarded first.",
  },
  queue_unavailable: { status: 503, hint: "Nothing of this request was acknowledged: send it again." },
  shutting_down: { status: 503, hint: "This process stops; another one, or the next one, takes the request." },
  internal: { status: 500, hint: "This is a fault of Sluice's own; its log has the details." },
} as const satisfies Record<string, { status: number; hint: string }>;

export type RefusalCode = keyof typeof REFUSALS;

export class WebhookRefusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly hint: string;
  /** The label of `sluice_events_refused_total`: the code, or the exact reason of a request that is not authentic. */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: RefusalCode,
    message: string,
    more: { reason?: string; hint?: string; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "WebhookRefusal";
    this.code = code;
    this.status = REFUSALS[code].status;
    this.hint = more.hint ?? REFUSALS[code].hint;
    this.reason = more.reason ?? code;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  get body(): { error: { code: string; message: string; hint: string } } {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}
