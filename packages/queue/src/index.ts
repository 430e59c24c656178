export type { Admission, Admitted } from "./admission.ts";
export { isBalanced, type Account } from "./audit.ts";
export type { Claim } from "./claim.ts";
export type { Cupboard } from "./cupboard.ts";
export type { DeadLetter } from "./dead-letter.ts";
export { isOfEvent, type DeadLetters, type Discarded, type Replayed } from "./dead-letters.ts";
export type { Claimed, Lane, LaneNumbers, Settled } from "./lane.ts";
export { openQueue, type Queue, type QueueOptions, type Working, type WorkOptions } from "./queue.ts";
export { QueueUnavailableError } from "./unavailable.ts";
