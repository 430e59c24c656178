import { LIMITS } from "../limits.ts";
import { WebhookRefusal } from "../reply/refusal.ts";

/**
 * The room that all requests of a process share for large bodies. Until a body is verified nobody knows whose it is: without
 * a bound, strangers that show any credential could fill the memory.
 */
export type BodyRoom = {
  /** A request's part of the room; to be left when the request has been answered. */
  enter(): BodyPart;
};

export type BodyPart = {
  /**
   * Takes room for so many bytes more. The first ones of a request need none, so that ordinary webhooks come through meanwhile.
   * @throws Refusal when there is no room for them
   */
  hold(bytes: number): void;
  leave(): void;
};

export function createBodyRoom(roomBytes: number = LIMITS.largeBodiesBytes): BodyRoom {
  let heldBytes = 0;
  return {
    enter() {
      let bytes = 0;
      let own = 0;
      return {
        hold(more) {
          bytes += more;
          const needed = Math.max(0, bytes - LIMITS.strangerBodyBytes) - own;
          if (needed === 0) return;
          if (heldBytes + needed > roomBytes) {
            throw new WebhookRefusal("busy", "Too many large bodies are being read", { retryAfterSeconds: 1 });
          }
          own += needed;
          heldBytes += needed;
        },
        leave() {
          heldBytes -= own;
          own = 0;
        },
      };
    },
  };
}
