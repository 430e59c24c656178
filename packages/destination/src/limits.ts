/** How much of an answer is read and kept (a list of 100 records fits), and how much of its code and text goes into an error. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
export const MAX_ERROR_CODE_CHARACTERS = 100;
export const MAX_ERROR_TEXT_CHARACTERS = 2000;

/** Shorter credentials are no secret, and ordinary words could hold them. */
export const SHORTEST_SECRET = 8;

/** An idle connection is closed after this; where the server names its own time, this much earlier, and after at most so long. */
export const KEEP_ALIVE_MS = 4000;
export const KEEP_ALIVE_MARGIN_MS = 2000;
export const KEEP_ALIVE_MOST_MS = 60_000;

/** After this one record tries whether what was forbidden to everybody still is. */
export const FORBIDDEN_AGAIN_MS = 60_000;

/** Records of which it is remembered that they were forbidden; beyond that it is found out anew. */
export const MAX_FORBIDDEN = 10_000;

/** So long after it was seen an object is taken to be there. */
export const OBJECT_KNOWN_MS = 60_000;

/** How long what a look told of other jobs spares them a look of their own, and when a job that nobody asks for is forgotten. */
export const JOB_NEWS_MS = 2000;
export const JOB_FORGOTTEN_MS = 60_000;

/** Pages of the list of jobs that are looked through for one whose own status can't be read. */
export const JOB_LIST_PAGES = 3;

/** Of the ids in one address; servers refuse very long ones. */
export const MAX_QUERY_CHARACTERS = 6000;

/** A process that fetches the fleet's access token is taken for dead after this many of the destination's timeouts. */
export const TOKEN_LOCK_TIMEOUTS = 1.25;

/** Proxies before a destination take a line of some kilobytes at most. */
export const MAX_STAMPS_HEADER_BYTES = 7000;
