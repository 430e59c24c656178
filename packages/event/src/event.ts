/** A JSON value as it came off the wire. Numbers that a double would round are kept exact, as strings of their digits. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/**
 * Something that happened at a sender, as mappings see it: JSONata expressions are evaluated over
 * exactly these members (docs/mapping.md).
 */
export type Event = {
  /** The sender's own id of the event, the idempotency key. Never a hash of the whole body. */
  readonly id: string;
  readonly type: string;
  /** When the event happened by the sender's clock: RFC 3339, or null where the sender does not say. */
  readonly time: string | null;
  /** The name of the source in the configuration. */
  readonly source: string;
  readonly data: Json;
  /** Lower-case names; headers that carry a credential or a signature are left out. */
  readonly headers: { readonly [name: string]: string };
  /** The record's id, where one message names several records. */
  readonly recordId?: string;
  /**
   * The event's own time, by which versions that tie are told apart: RFC 3339 with the digits that the sender gave. Set only
   * where a repetition repeats the time, so never to that of an attempt.
   */
  readonly finer?: string;
  /** The record's own version, where the sender has a better one than `time`: RFC 3339 or a whole number. */
  readonly version?: string;
  /** Set where the sender says that the record is gone. */
  readonly operation?: "delete";
  /** Set where the event only says that something happened: members that it lacks are unknown, not null. */
  readonly thin?: true;
};
