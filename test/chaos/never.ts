/** A fault has found something that must never be. */
export class NeverError extends Error {}
