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
  autoincrementPrefixCharacters: 30,
  autoincrementPadding: 9,
  /** Of a title, and of an option's name or value. */
  titleCharacters: 255,
  descriptionCharacters: 4_096,
  regexpCharacters: 1_024,

  /** Ours, of the client: how much of an answer is read and kept, and how much of a text goes into an error. */
  answerBytes: 4 * 1024 * 1024,
  errorTextCharacters: 2_000,
} as const;
