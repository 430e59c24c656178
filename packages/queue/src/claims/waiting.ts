/** Why a claimed record waits, and how its flight stands. */
export type WaitReason = {
  /** False: no attempt is spent, since nothing was sent, or the request was to try the destination. */
  readonly spent: boolean;
  /** The failure, in a word. */
  readonly why?: string;
  /** The destination may still carry the write out: the record is not due before the lease's end. */
  readonly unsettled?: boolean;
  /** The destination is held because of this record: another record tries whether the hold is over. */
  readonly blamed?: boolean;
  /** The record's job goes on: the next claim follows it. */
  readonly handedOver?: boolean;
  /**
   * The record was claimed to wait for a job that was posted under an unknown id. `on`: the next claim goes on waiting.
   * `over`: the record is written next.
   */
  readonly posted?: "on" | "over";
  /** The record's request was refused because of one of the records that shared it: so many may share the next, at most. */
  readonly together?: number;
  /** The destination has seen this token: the record's next one is higher. */
  readonly newestToken?: string;
};
