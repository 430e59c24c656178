import type { Backfill } from "./backfill.ts";
import type { Digests } from "./configurations.ts";
import type { IntakeDoor } from "./door.ts";
import type { IntakeDeadLetters } from "./intake-dead-letters.ts";
import type { IntakeNumbers } from "./books/numbers.ts";
import type { RefusedRequests } from "./books/refused.ts";
import type { UsedSecrets } from "./books/used-secrets.ts";
import type { SeenType } from "./books/seen-types.ts";
import type { WebhookResults } from "./webhook-results.ts";
import type { Understanding, UnderstandingOptions } from "./understanding.ts";
import type { WaitingSources } from "./books/waiting-sources.ts";

/** Webhooks that are written down and wait to be understood. */
export type Intake = Pick<IntakeDoor, "add"> & {
  /** Sets the configuration with which this door reads webhooks. */
  use(digests: Digests): Promise<void>;
  readonly webhookResults: WebhookResults;
  readonly letters: IntakeDeadLetters;
  readonly backfill: Backfill;
  numbers(): Promise<IntakeNumbers>;
  /** The sources of the webhooks that wait: reads the jobs themselves. */
  waitingSources(): Promise<WaitingSources>;
  /** By source, the types of its events in the last days (seven, unless fewer are asked for), and how they ended. */
  seenTypes(
    sources: readonly string[],
    nowMs: number,
    days?: number,
  ): Promise<ReadonlyMap<string, readonly SeenType[]>>;
  /** The same day by day, today first, eight days back: yesterday has its weekday of the week before. */
  seenDays(sources: readonly string[], nowMs: number): Promise<ReadonlyMap<string, readonly (readonly SeenType[])[]>>;
  /** Requests that were not authentic, as the doors tell of them. */
  readonly refused: RefusedRequests;
  readonly usedSecrets: UsedSecrets;
  /** Whether each source of this door has a living worker that means the same by it, or has a newer configuration with it. */
  isUnderstood(): Promise<boolean>;
  /** Understands the waiting webhooks in this process. */
  understand(options: UnderstandingOptions): Promise<Understanding>;
};
