export type { Admission, Admitted } from "./admission.ts";
export { isBalanced, type Account } from "./audit.ts";
export type { Claim } from "./claim.ts";
export type { Cupboard } from "./cupboard.ts";
export type { DeadLetter } from "./dead-letter.ts";
export type { Gate, GateState, RequestTerms, SaidQuota } from "./gate.ts";
export type { Claimed, ClaimOrder, Lane, LaneNumbers, Settled } from "./lane.ts";
export { openQueue, type Queue, type QueueOptions } from "./queue.ts";
export { QueueUnavailableError } from "./unavailable.ts";
