/** One fault of a scheme as the configuration writes it. */
export type SchemeFault = {
  /** The place below `scheme`, with dots: `sig.encoding`. Empty for the scheme itself. */
  readonly place: string;
  readonly message: string;
  /** The values that may stand there. */
  readonly allowed: string;
};

/** A scheme that can't be used, with all its faults. */
export class SchemeError extends Error {
  override readonly name = "SchemeError";
  readonly code = "scheme_invalid";
  readonly hint: string;
  readonly faults: readonly SchemeFault[];

  constructor(faults: readonly SchemeFault[]) {
    super(
      faults.map(({ place, message }) => (place === "" ? `the scheme ${message}` : `${place} ${message}`)).join("; "),
    );
    this.faults = faults;
    this.hint = faults.map(({ place, allowed }) => `${place === "" ? "scheme" : place}: ${allowed}`).join("; ");
  }
}
