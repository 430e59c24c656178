/** One of the secrets that a source's requests may be made with. */
export type Secret = {
  readonly value: string;
  /** The secret's place in the file, from 1: its name in the log and the metrics. */
  readonly number: number;
  /** Milliseconds since 1970, the last at which the secret is accepted; null: until it is taken out of the file. */
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

/** The secrets that are accepted at this time, in their order. */
export function acceptedSecrets(secrets: readonly Secret[], nowMs: number): readonly Secret[] {
  return secrets.filter(({ notAfterMs }) => notAfterMs === null || nowMs <= notAfterMs);
}
