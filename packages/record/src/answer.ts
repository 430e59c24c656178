/**
 * An answer of a destination, or its silence, in the words of its kind. Closed: nothing beyond the kind itself knows HTTP, SQL
 * or a vendor's words. `code` and `message` are for people: a dead letter's reason, a log line.
 */
export type Answer =
  | { readonly kind: "done" }
  /** To a delete: it was not there. */
  | { readonly kind: "gone" }
  /** What stands there is newer than all of it, by the destination's own books: nothing was written. */
  | (Said & { readonly kind: "superseded" })
  | Refused
  /**
   * This record again, soon: two writers met. `newestToken`: a higher one than the write's has written it; that is to be passed.
   * `counts` false: it says nothing against the record.
   */
  | (Said & { readonly kind: "again"; readonly newestToken?: string | undefined; readonly counts?: false })
  /** The quota is used up. `forMs` null: for how long was not said. */
  | (Said & { readonly kind: "slow"; readonly forMs: number | null })
  /** Not carried out, and the destination's fault. `forMs`: it asks to be left alone so long; 0: it does not. */
  | (Said & { readonly kind: "down"; readonly forMs: number })
  /** Whether it was carried out, or will be, is not known. */
  | (Said & { readonly kind: "unknown" })
  /** Refused credentials: it would be said of every record. `againMs`: when to try; null: not before they are others. */
  | (Said & { readonly kind: "credentials"; readonly againMs: number | null })
  /** The object, or the destination, takes no record at all. */
  | (Said & { readonly kind: "stop"; readonly scope: "object" | "destination" })
  /** Records were sent together, and one of them is refused. */
  | (Said & { readonly kind: "split" });

/** This record's own fault, and lasting. `names`: of what, where that is told; fields may be among them. */
export type Refused = Said & { readonly kind: "record"; readonly names?: readonly string[] };

export type Said = { readonly code: string; readonly message: string };
