/**
 * An answer of a destination, or its silence, in the words of its kind. Closed: nothing beyond the kind itself knows HTTP, SQL
 * or a vendor's words. `code` and `message` are for people: a dead letter's reason, a log line.
 */
export type Answer =
  | { readonly kind: "done" }
  /** The answer to a delete of a record that was not there. */
  | { readonly kind: "gone" }
  /** The destination's own books say that it holds something newer than the whole write: nothing was written. */
  | (AnswerText & { readonly kind: "superseded" })
  | RefusedRecord
  /**
   * The record is to be tried again soon: two writers met. `newestToken`: a higher token than the write's has written the record;
   * the next one must be higher still. `counts` false: the answer says nothing against the record.
   */
  | (AnswerText & { readonly kind: "again"; readonly newestToken?: string | undefined; readonly counts?: false })
  /** The quota is used up. `forMs` null: for how long was not said. */
  | (AnswerText & { readonly kind: "slow"; readonly forMs: number | null })
  /** The write was not carried out, by the destination's fault. `forMs`: how long it asks to be left alone; 0: it does not ask. */
  | (AnswerText & { readonly kind: "down"; readonly forMs: number })
  /** Nobody knows whether the write was carried out, or will be. */
  | (AnswerText & { readonly kind: "unknown" })
  /** The credentials were refused, as they would be for every record. `againMs`: when to try again; null: not with these credentials. */
  | (AnswerText & { readonly kind: "credentials"; readonly againMs: number | null })
  /** The object, or the destination, takes no record at all. */
  | (AnswerText & { readonly kind: "stop"; readonly scope: "object" | "destination" })
  /** Records were sent together, and one of them is refused. */
  | (AnswerText & { readonly kind: "split" });

/** The record is refused for good, by its own fault. `names`: the refused parts, where they are told; fields may be among them. */
export type RefusedRecord = AnswerText & { readonly kind: "record"; readonly names?: readonly string[] };

export type AnswerText = { readonly code: string; readonly message: string };
