export { cupboardPlace, type OAuthClient, type ZendeskAuth } from "./authorization.ts";
export {
  createZendeskClient,
  type RecordValues,
  type SendOptions,
  type ZendeskClient,
  type ZendeskClientOptions,
} from "./client.ts";
export { DestinationUnreachableError } from "./destination-unreachable.ts";
export type { RateLimit } from "./rate-limit.ts";
export type { Reply, ReplyRequest } from "./reply.ts";
export type { TokenCupboard } from "./token-cupboard.ts";
