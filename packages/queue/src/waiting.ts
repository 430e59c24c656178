/** Why a claimed record waits, and what of its flight. */
export type Waiting = {
  /** False: nothing was sent, or it was to try the destination; no attempt is spent. */
  readonly spent: boolean;
  /** The failure, in a word. */
  readonly why?: string;
  /** The destination may still carry it out: it is not due before the lease's end. */
  readonly unsettled?: boolean;
  /** The destination is held for it: another record tries whether that is over. */
  readonly blamed?: boolean;
  /** Its job goes on: whoever claims it next follows that. */
  readonly handedOver?: boolean;
  /**
   * It was claimed to wait for a job that was posted under an unknown id. `on`: whoever claims it next goes on with that.
   * `over`: it is written next.
   */
  readonly posted?: "on" | "over";
  /** The record's request was refused because of one of those that shared it: so many may share the next, at most. */
  readonly together?: number;
  /** The destination has seen this token: the record's next one is higher. */
  readonly newestToken?: string;
};
