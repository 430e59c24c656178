/** The limits of work on the past. */
export const LIMITS = {
  /** Records of the past that may be due at a destination: as many as it takes in this time, and never more than so many. */
  pastAheadMs: 500,
  pastRecordsDue: 500,
  /** How often one looks for room. */
  roomLookAgainMs: 25,
} as const;
