/**
 * How far a state of Redis has come, by marks that its own scripts raise and that never sink. A process that remembers them can
 * tell a state that went back: a failover to a replica that lagged, a file that was cut, a backup that was restored.
 */
export type Marks = {
  /** The random name of the state; null: the state has none. */
  readonly state: string | null;
  /** The highest arrival of all doors (µs). */
  readonly arrival: number;
  /** By lane: the highest fencing token that was given. */
  readonly tokens: Readonly<Record<string, number>>;
};

/** A mark that fell: its known value, and the lower one that was found. */
export type Fall = { readonly known: number; readonly found: number };

/** A state that went back, and by how much. */
export type Regress = {
  /** `older`: the same state at an earlier time. `gone`: Redis is empty. `other`: another state stands in its place. */
  readonly why: "older" | "gone" | "other";
  readonly arrival: Fall | null;
  readonly tokens: Readonly<Record<string, Fall>>;
};

/** Whether the state went back. Null: it is the known state, or none was known. */
export function regressOf(known: Marks, found: Marks): Regress | null {
  if (known.state === null) return null;
  const arrival = known.arrival > found.arrival ? { known: known.arrival, found: found.arrival } : null;
  const tokens = Object.fromEntries(
    Object.entries(known.tokens).flatMap(([lane, token]) => {
      const now = found.tokens[lane] ?? 0;
      return token > now ? [[lane, { known: token, found: now }] as const] : [];
    }),
  );
  const isLower = arrival !== null || Object.keys(tokens).length > 0;
  if (found.state === known.state) return isLower ? { why: "older", arrival, tokens } : null;
  return { why: found.state === null ? "gone" : "other", arrival, tokens };
}

/** How much of the time of this Redis is missing, at least; null: the marks don't tell. */
export function missingMs({ arrival, tokens }: Regress): number | null {
  const spans = [...(arrival === null ? [] : [arrival]), ...Object.values(tokens)]
    .filter(({ found }) => found > 0)
    .map(({ known, found }) => (known - found) / 1000);
  return spans.length === 0 ? null : Math.max(...spans);
}
