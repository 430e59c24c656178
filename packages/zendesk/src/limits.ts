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
  /** Queued or running jobs of the account. */
  liveJobs: 30,
  autoincrementPrefixCharacters: 30,
  autoincrementPadding: 9,
  /** Characters of a title, and of an option's name or value. */
  titleCharacters: 255,
  descriptionCharacters: 4_096,
  regexpCharacters: 1_024,
} as const;
