export { cupboardPlace, type OAuthClient, type ZendeskAuth } from "./authorization.ts";
export { askForJob, createJob, nextAskMs, type JobAnswer } from "./bulk.ts";
export {
  createZendeskClient,
  type RecordValues,
  type SendOptions,
  type ZendeskClient,
  type ZendeskClientOptions,
} from "./client.ts";
export { DestinationUnreachableError } from "./destination-unreachable.ts";
export { readItemResults, type ItemResult } from "./item-result.ts";
export type { BulkJob, JobAction } from "./job.ts";
export type { RateLimit } from "./rate-limit.ts";
export { readBack, type Found, type Wanted } from "./read-back.ts";
export type { Reply, ReplyRequest } from "./reply.ts";
export type { TokenCupboard } from "./token-cupboard.ts";
