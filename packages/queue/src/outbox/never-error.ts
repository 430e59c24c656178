/** A message can't be delivered, and trying again is of no use. */
export class NeverError extends Error {
  override readonly name = "NeverError";
}
