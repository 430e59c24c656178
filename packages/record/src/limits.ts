/** The largest integer version, which a signed 64-bit column still holds. */
export const MAX_INTEGER_VERSION = 2n ** 63n - 1n;

/** Fields in one change, the record's name among them: an object has at most 100 fields of its own. */
export const MAX_CHANGE_FIELDS = 200;

/** UTF-8 bytes of a change's values as JSON: the destination takes records of 32 KB. */
export const MAX_CHANGE_BYTES = 64 * 1024;

/** The most that one evaluation of an expression may take: JSONata's steps, its depth, and the items of one of its lists. */
export const MAX_EXPRESSION_STEPS = 50_000;
export const MAX_EXPRESSION_DEPTH = 300;
export const MAX_EXPRESSION_ITEMS = 50_000;

/** The depth of nested expressions down to which they are compiled to a function; deeper ones are left to JSONata. */
export const MAX_DIRECT_DEPTH = 100;
