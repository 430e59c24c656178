import type { Behind, Claimed, KnownTokens } from "../claims/claim-order.ts";
import { BEHIND_LOOK_AGAIN_MS } from "../limits.ts";

/** `session`: the worker of the own token. `since`: how often the tokens were forgotten before, as with each state that went back. */
type Known = KnownTokens & { readonly session: string; readonly since: number };

/** The highest fencing tokens that are known of a lane, which each claim of it is compared with. */
export type LaneMark = {
  of(session: string): Known;
  /** The highest token that this process was given. */
  readonly own: number;
  /** Takes a token of another worker that was seen. */
  hear(token: number): void;
  /** Forgets the tokens, since the state went back: they say nothing of the state that is there now. */
  forget(): void;
  /** Sets the function that is called when a claim found the lane behind the known tokens. Until `forget` nothing is claimed. */
  onBehind(tell: (found: KnownTokens, known: KnownTokens) => Promise<void>): void;
  /** Takes the answer to a claim that was sent with `known`. A claim that found the lane behind is to be sent again. */
  read(answer: Claimed | Behind, known: Known): Claimed;
};

export function createLaneMark(onError: (error: Error) => void = () => {}): LaneMark {
  let known: Known = { session: "", own: 0, heard: 0, since: 0 };
  let telling: Promise<void> | null = null;
  const forget = (): void => void (known = { session: "", own: 0, heard: 0, since: known.since + 1 });
  let tell: (found: KnownTokens, known: KnownTokens) => Promise<void> = async () => forget();

  return {
    of: (session) => ({ ...known, session, own: session === known.session ? known.own : 0 }),
    get own() {
      return known.own;
    },
    hear(token) {
      if (token > known.heard) known = { ...known, heard: token };
    },
    forget,
    onBehind: (next) => void (tell = next),
    read(answer, { session, own: before, since }) {
      if (answer.kind === "behind") {
        if (since === known.since) {
          telling ??= tell(answer, known)
            .catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))))
            .finally(() => (telling = null));
        }
        return { kind: "wait", forMs: BEHIND_LOOK_AGAIN_MS };
      }
      if (answer.kind === "claimed" && answer.claims.length > 0) {
        const own = Math.max(before, ...answer.claims.map(({ fence }) => Number(fence)));
        known = {
          ...known,
          session,
          own: session === known.session ? Math.max(known.own, own) : own,
          heard: Math.max(known.heard, own),
        };
      }
      return answer;
    },
  };
}
