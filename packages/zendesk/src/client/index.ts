export {
  createZendeskClient,
  type Reply,
  type ReplyRequest,
  type SendOptions,
  type ZendeskClient,
  type ZendeskClientOptions,
} from "./client.ts";
export type { ZendeskAuth } from "./authorization.ts";
export { DestinationUnreachableError } from "./destination-unreachable.ts";
export type { RateLimit } from "./rate-limit.ts";
