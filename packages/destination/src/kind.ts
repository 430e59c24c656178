import type { Json } from "@sluice/event";
import type { RecordKey } from "@sluice/record";
import type { Destination } from "./destination.ts";
import type { ReplyRequest } from "./http/reply.ts";

/** A kind of destination, as the rest of Sluice knows it. `Auth`: the credentials of its requests. */
export type Kind<Auth> = {
  /** Opens connections when they are needed, and asks nothing yet. */
  open(options: OpenOptions<Auth>): Destination;
  /** The request that writes one record alone, or without values deletes it, for people to read. Nothing is sent. */
  show(
    url: string,
    record: { readonly object: string; readonly key: RecordKey },
    values: ShownValues | null,
  ): ReplyRequest;
};

/** Values by field; the record's own name stands under `NAME_FIELD`. */
export type ShownValues = ReadonlyMap<string, Json>;

export type OpenOptions<Auth> = {
  readonly url: string;
  readonly auth: Auth;
  /** Connections, and so requests in flight. */
  readonly concurrency: number;
  /** The time from the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** A text that the whole fleet shares, by its place. `lockMs`: a process that replaces it is taken for dead after this time. */
  readonly tokenStore: (place: string, lockMs: number) => TokenStore;
  /** Tells people of something that they should change. */
  readonly warn: (message: string) => void;
};

/**
 * Keeps the one access token that all processes of a fleet use. The text is sealed: a reader of the store can't read the
 * token.
 */
export interface TokenStore {
  /** The kept text; null: there is none, or its time is over. */
  get(): Promise<string | null>;
  /**
   * Replaces the text `seen`; one process at a time makes a new one. Where another text is kept by then, that one is the answer
   * and nothing is made. If `make` rejects, so does this, and nothing is kept.
   */
  replace(
    seen: string | null,
    make: () => Promise<{ readonly text: string; readonly keepMs: number }>,
  ): Promise<string>;
}
