import type { Json } from "@sluice/event";
import type { RecordKey } from "@sluice/record";
import type { Destination } from "./destination.ts";
import type { ReplyRequest } from "./http/reply.ts";

/** A kind of destination: all that the rest of Sluice has to know of it. `Auth` is how its requests show who sends them. */
export type Kind<Auth> = {
  /** Opens connections when they are needed, and asks nothing yet. */
  open(options: OpenOptions<Auth>): Destination;
  /** The request that writes one record alone, or with no values deletes it, for people to read. Nothing is sent. */
  show(
    url: string,
    record: { readonly object: string; readonly key: RecordKey },
    values: ShownValues | null,
  ): ReplyRequest;
};

/** By field; the record's own name stands under `NAME_FIELD`. */
export type ShownValues = ReadonlyMap<string, Json>;

export type OpenOptions<Auth> = {
  readonly url: string;
  readonly auth: Auth;
  /** Connections, and so requests in flight. */
  readonly concurrency: number;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** A text that the whole fleet shares, by its place; `lockMs`: who replaces it is taken for dead after that. */
  readonly cupboard: (place: string, lockMs: number) => TokenCupboard;
  /** Tells people of something that they should change. */
  readonly warn: (message: string) => void;
};

/**
 * Where a fleet keeps the one access token that all its processes use. What is put there is sealed: who can read the
 * cupboard can't read the token.
 */
export interface TokenCupboard {
  /** What is kept; null: nothing, or its time is over. */
  get(): Promise<string | null>;
  /**
   * Replaces what is kept. Of all processes one at a time makes a new one; where another than `seen` is kept by
   * then, that is the answer and nothing is made. Rejects with whatever `make` rejects with, and keeps nothing then.
   */
  replace(
    seen: string | null,
    make: () => Promise<{ readonly text: string; readonly keepMs: number }>,
  ): Promise<string>;
}
