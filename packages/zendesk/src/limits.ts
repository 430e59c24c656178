/** The vendor's limits (§7, §10, §11, §14), at the largest plan where plans differ. */
export const LIMITS = {
  recordBytes: 32_768,
  records: 50_000_000,
  objects: 50,
  fieldsPerObject: 100,
  lookupFieldsPerObject: 10,
  optionsPerField: 2_000,
  pageSize: 100,
  bulkItems: 100,
  exportPageSize: 1_000,
  /** Queued or running, of the account. */
  liveJobs: 30,
  autoincrementPrefixCharacters: 30,
  autoincrementPadding: 9,
  /** Of a title, and of an option's name or value. */
  titleCharacters: 255,
  descriptionCharacters: 4_096,
  regexpCharacters: 1_024,

  /** Ours, of the client: how much of an answer is read and kept (a list of 100 records fits), how much of its code and text goes into an error. */
  answerBytes: 8 * 1024 * 1024,
  errorCodeCharacters: 100,
  errorTextCharacters: 2_000,
  /** Shorter credentials are no secret, and ordinary words could hold them. */
  secretCharacters: 8,
  /** An idle connection is closed after this; where the server names its own time, this much earlier, and after at most so long. */
  keepAliveMs: 4_000,
  keepAliveMarginMs: 2_000,
  keepAliveMostMs: 60_000,
  /** Of the ids in one address. */
  queryCharacters: 6_000,
  /** Pages of the list of jobs that are looked through for one whose own status can't be read. */
  jobListPages: 3,
} as const;
