const REFUSED: ReadonlyMap<unknown, string> = new Map([
  ["random", "an event may be understood twice and must mean the same; take a value of the event, such as `id`"],
  ["shuffle", "an event may be understood twice and must mean the same; use `$sort`"],
  ["eval", "nobody can read beforehand what it would do; write the expression out"],
]);

/** @throws a sentence about a function whose answer can't be known from the event and its arrival */
export function assertRepeatable(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const { type, value } = node as { readonly type?: unknown; readonly value?: unknown };
  const why = type === "variable" ? REFUSED.get(value) : undefined;
  if (why !== undefined) throw new Error(`\`$${String(value)}\` can't be used: ${why}`);
  for (const part of Object.values(node)) assertRepeatable(part);
}
