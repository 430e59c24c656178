import type { Clock } from "@sluice/runtime";
import { Fault } from "./api/fault.ts";
import { route, type Route } from "./api/operation.ts";
import { OPERATIONS } from "./api/operations.ts";
import { NO_COOKIE, type Callers } from "./caller.ts";
import type { Session } from "./contract/session.ts";
import { LIMITS } from "./limits.ts";

/** The Sluice that a page looks at, as the page is told of it. */
export type SessionFacts = () => Omit<Session, "role" | "name">;

export type SessionOptions = {
  readonly callers: Callers;
  readonly clock: Clock;
  readonly surroundings: SessionFacts;
  /** The host of the OpenID provider; null: there is none. */
  readonly provider: string | null;
};

export function sessionRoutes({ callers, clock, surroundings, provider }: SessionOptions): readonly Route[] {
  /** Times of wrong tokens within the last minute. */
  let wrongAtMs: readonly number[] = [];
  return [
    route(OPERATIONS.signIn, async ({ body, request, response }) => {
      const nowMs = clock.nowMs();
      wrongAtMs = wrongAtMs.filter((atMs) => Math.abs(nowMs - atMs) < 60_000);
      if (wrongAtMs.length >= LIMITS.wrongTokensPerMinute) {
        throw new Fault("sign_in_paced", `${wrongAtMs.length} tokens were wrong within a minute`);
      }
      const cookie = callers.cookieFor(body.token, nowMs, request.secure);
      if (cookie === null) {
        wrongAtMs = [...wrongAtMs, nowMs];
        throw new Fault("unauthenticated", "the token is not the one that this Sluice accepts");
      }
      response.set("Set-Cookie", cookie);
    }),
    route(OPERATIONS.getWaysIn, async () => ({ provider })),
    route(OPERATIONS.getSession, async ({ caller }) => ({ role: caller.role, name: caller.name, ...surroundings() })),
    route(OPERATIONS.signOut, async ({ response }) => void response.set("Set-Cookie", NO_COOKIE)),
  ];
}
