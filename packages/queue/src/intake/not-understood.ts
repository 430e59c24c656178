import type { IntakeFault } from "./intake-dead-letters.ts";

/** A webhook that no worker can understand. */
export class NotUnderstoodError extends Error {
  readonly fault: IntakeFault;
  constructor(fault: IntakeFault) {
    super(fault.message);
    this.fault = fault;
  }
}
