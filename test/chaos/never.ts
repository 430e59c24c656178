/** Something must never be, and a fault has found it. */
export class NeverError extends Error {}
