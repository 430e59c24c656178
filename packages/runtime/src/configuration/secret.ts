/** One of the secrets that a source's requests may be made with. */
export type Secret = {
  readonly value: string;
  /** Its place in the file, from 1: what the log and the metrics call it. */
  readonly number: number;
  /** Milliseconds since 1970, the last at which it is accepted; null: until it is taken out of the file. */
  readonly notAfterMs: number | null;
};

/** A secret as the configuration writes it. */
export type WrittenSecret = string | { readonly value: string; readonly not_after?: string | undefined };

export function readSecrets(written: readonly WrittenSecret[]): readonly Secret[] {
  return written.map((each, index) => {
    const { value, not_after: notAfter } = typeof each === "string" ? { value: each, not_after: undefined } : each;
    return { value, number: index + 1, notAfterMs: notAfter === undefined ? null : Date.parse(notAfter) };
  });
}

/** Those that are accepted at this time, in their order. */
export function acceptedSecrets(secrets: readonly Secret[], nowMs: number): readonly Secret[] {
  return secrets.filter(({ notAfterMs }) => notAfterMs === null || nowMs <= notAfterMs);
}
