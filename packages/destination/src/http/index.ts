export { isSpent, readAccessToken, type AccessToken } from "./access-token.ts";
export { exchangeOf, httpAnswer, saidOf, silenceOf } from "./answer.ts";
export { openHttpClient, type HttpClient } from "./http-client.ts";
export { withDeadline } from "./deadline.ts";
export { DestinationUnreachableError } from "./destination-unreachable.ts";
export { createPermissions } from "./permissions.ts";
export { replyOf, type Reply } from "./reply.ts";
export { withoutSecrets } from "./secrets.ts";
export { timedOut } from "./unreachable.ts";
