/** The value of a cookie in a `Cookie` header; null: it is not there. */
export function cookieOf(header: string, wanted: string): string | null {
  for (const pair of header.split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === wanted && value !== undefined) return value;
  }
  return null;
}
