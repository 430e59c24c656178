import type { LaneNumbers, SeenType } from "@sluice/queue";
import type { Configuration } from "@sluice/runtime";
import type { TypeDrift } from "../fields/watch-fields.ts";
import type { DeadLetterGroup } from "../contract/dead-letter.ts";

/** All that issues are decided from. Null: it could not be found out now, and the kinds that need it stay as they are. */
export type Facts = {
  readonly nowMs: number;
  readonly configuration: Configuration;
  readonly lanes: ReadonlyMap<string, Pick<LaneNumbers, "gate" | "oldestPendingMs" | "pendingRecords">>;
  readonly intake: {
    readonly waitingWebhooks: number;
    readonly oldestMs: number | null;
    /** Events by source, since ever. */
    readonly understood: ReadonlyMap<string, number>;
  };
  readonly workers: number;
  /** Dead letters by cause, the largest group first. */
  readonly groups: readonly DeadLetterGroup[] | null;
  /** How the state went back, in a sentence; undefined: it did not, or somebody has looked after it. */
  readonly wentBack: string | undefined | null;
  /** By `source reason`: requests of the last five minutes that were not authentic. */
  readonly refused: ReadonlyMap<string, number> | null;
  /** By source, its types day by day, today first. */
  readonly days: ReadonlyMap<string, readonly (readonly SeenType[])[]> | null;
  /** By source, its fields that are not as they were the week before. */
  readonly fields: ReadonlyMap<string, readonly TypeDrift[]> | null;
  /** Receivers of issue webhooks that took nothing for two hours, or said that they never will. */
  readonly failing: readonly FailingReceiver[] | null;
  /** By issue: the mark that it was last seen with. */
  readonly marks: ReadonlyMap<string, string>;
};

export type FailingReceiver = {
  /** Its place in the configuration: `issue_webhooks[0]`. */
  readonly place: string;
  readonly origin: string;
  readonly message: string;
};
