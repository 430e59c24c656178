import type { Bench } from "./bench.ts";

/** The basis of a check: the vendor's own words, a habit of a client of the real API, or a decision of ours. */
export type Basis = "documented" | "client" | "ruling";

/** One sentence of the contract that a running API keeps or not. */
export type Check = {
  /** The check's number as §18 of the contract counts: `UPS-01`. */
  readonly id: string;
  readonly says: string;
  readonly basis: Basis;
  /** Throws where the sentence is not kept; NotApplicable where it can't be tried here. */
  run(bench: Bench): Promise<void>;
};

export type Result = {
  readonly check: Check;
  readonly outcome: "passed" | "failed" | "not applicable";
  /** The observation that broke the check, or the reason why it could not be tried. */
  readonly reason?: string;
};

/** A check can't be tried with what the caller gave: credentials, time, a feature. */
export class NotApplicable extends Error {}

/** Makes the checks of one chapter: `UPS` and their numbers. */
export function chapter(prefix: string, checks: readonly (readonly [Basis, string, Check["run"]])[]): readonly Check[] {
  return checks.map(([basis, says, run], place) => ({
    id: `${prefix}-${String(place + 1).padStart(2, "0")}`,
    says,
    basis,
    run,
  }));
}

/** Never throws: any end of a check is a result. */
export async function runCheck(check: Check, bench: Bench): Promise<Result> {
  try {
    await check.run(bench);
    return { check, outcome: "passed" };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { check, outcome: error instanceof NotApplicable ? "not applicable" : "failed", reason };
  }
}
