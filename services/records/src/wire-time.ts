/** ISO 8601 in UTC with whole seconds, as all times of the API are (§2). */
export function wireTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
