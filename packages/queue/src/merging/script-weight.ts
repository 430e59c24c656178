/**
 * The weight of a record's fields in a script, in fields of a narrow record. Redis keeps a hash of some hundred fields as a list and looks
 * for each of them from its beginning, so a wide record costs more than two of half its width.
 */
export function weightOf(fields: number): number {
  return fields * (1 + fields / 100);
}
