import type { Reply } from "../../http/reply.ts";

/** `/oauth/tokens` gave no token. The error never leaves the client: the request that wanted the token gets `answer`. */
export class AuthorizationRefused extends Error {
  readonly code = "authorization_refused";
  readonly hint = "check auth.oauth of the destination: client_id, client_secret and scope";
  /** The answer to the request that wanted the token: it is not at fault, and no change of it would help. */
  readonly answer: Pick<Reply, "status" | "retryAfterSeconds" | "errorCode" | "errorText">;

  constructor({ status, retryAfterSeconds, errorCode, errorText }: Reply) {
    super(`/oauth/tokens answered ${status}${errorCode === undefined ? "" : `, ${errorCode}`}`);
    this.name = new.target.name;
    // A 400 of `/oauth/tokens` means bad credentials or a bad scope; unchanged it would make a dead letter of the record.
    const passing = status === 429 || status === 408 || status >= 500;
    this.answer = {
      status: passing ? status : 401,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      errorCode: errorCode ?? "authorization_refused",
      errorText: errorText === undefined ? this.message : `${this.message}: ${errorText}`,
    };
  }
}
