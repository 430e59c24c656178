/** A longer document is not read to its end. The records of a destination hold 32 KB. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** How long an access token is taken to last where its answer does not say. */
export const TOKEN_LIFE_MS = 5 * 60_000;
