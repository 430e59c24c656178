/** The most of an answer that is read and kept (a list of 100 records fits), and of its code and text that goes into an error. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
export const MAX_ERROR_CODE_CHARACTERS = 100;
export const MAX_ERROR_TEXT_CHARACTERS = 2000;

/** Shorter credentials are no secret, and ordinary words could hold them. */
export const SHORTEST_SECRET = 8;

/** When an idle connection is closed; how much before the server's own time, where it names one; and the longest time after all. */
export const KEEP_ALIVE_MS = 4000;
export const KEEP_ALIVE_MARGIN_MS = 2000;
export const KEEP_ALIVE_MOST_MS = 60_000;

/** The time after which one record tries whether everything is still forbidden. */
export const FORBIDDEN_AGAIN_MS = 60_000;

/** Forbidden records that are remembered; beyond that number it is found out anew. */
export const MAX_FORBIDDEN = 10_000;

/** How long after it was seen an object is taken to be there. */
export const OBJECT_KNOWN_MS = 60_000;

/** How long a look's answer about other jobs spares them a look of their own, and when a job that nobody asks for is forgotten. */
export const JOB_NEWS_MS = 2000;
export const JOB_FORGOTTEN_MS = 60_000;

/** Pages of the list of jobs that are looked through for a job whose own status can't be read. */
export const JOB_LIST_PAGES = 3;

/** The most characters of ids in one address: servers refuse very long addresses. */
export const MAX_QUERY_CHARACTERS = 6000;

/** A process that fetches the fleet's access token is taken for dead after this many of the destination's timeouts. */
export const TOKEN_LOCK_TIMEOUTS = 1.25;

/** The longest header with stamps: proxies before a destination take a line of some kilobytes at most. */
export const MAX_STAMPS_HEADER_BYTES = 7000;
