/** Whether a JSON value is true to JSONata. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((each) => isTrue(each));
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== "";
}
