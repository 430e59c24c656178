import type { IntakeFault } from "./letters.ts";

/** A webhook that can't be understood, whoever tries. */
export class NotUnderstoodError extends Error {
  readonly fault: IntakeFault;
  constructor(fault: IntakeFault) {
    super(fault.message);
    this.fault = fault;
  }
}
