import type { Redis } from "ioredis";
import { listener } from "../connection/connection.ts";
import type { Merged } from "../merging/merging.ts";
import { MAX_RESULT_WAITERS } from "../limits.ts";

/** Tells the ends of webhooks to the door that they came in by, while their senders wait. */
export type WebhookResults = {
  /** A number for a webhook, and the ends of its events, null when the time is over. Undefined: too many senders wait already. */
  expect(
    forMs: number,
  ): Promise<{ readonly number: number; readonly told: Promise<readonly Merged[] | null> } | undefined>;
  close(): void;
};

export function resultsChannel(tag: string, session: number): string {
  return `${tag}:told:${session}`;
}

/** A published message: the webhook's number and the end of each of its events. */
export type ResultsMessage = readonly [number: number, statuses: readonly Merged[]];

export function createWebhookResults(
  redis: Redis,
  tag: string,
  session: () => number,
  onError: (error: Error) => void,
): WebhookResults {
  const waiting = new Map<number, (statuses: readonly Merged[]) => void>();
  let last = 0;
  let subscriber: Redis | null = null;
  let subscribed: Promise<unknown> | null = null;

  const hear = (message: string): void => {
    for (const [number, statuses] of JSON.parse(message) as readonly ResultsMessage[]) waiting.get(number)?.(statuses);
  };
  /** The first sender that waits subscribes for all. */
  const subscribe = async (): Promise<void> => {
    subscriber ??= listener(redis)
      .on("error", onError)
      .on("message", (_channel: string, message: string) => hear(message));
    subscribed ??= subscriber.subscribe(resultsChannel(tag, session()));
    await subscribed;
  };

  return {
    async expect(forMs) {
      // A door without a number yet stores nothing that could be told of.
      if (waiting.size >= MAX_RESULT_WAITERS || session() === 0) return undefined;
      last += 1;
      const number = last;
      const { promise, resolve } = Promise.withResolvers<readonly Merged[] | null>();
      waiting.set(number, resolve);
      const over = setTimeout(() => resolve(null), forMs);
      const told = promise.finally(() => {
        clearTimeout(over);
        waiting.delete(number);
      });
      try {
        await Promise.race([subscribe(), promise]);
      } catch (error) {
        subscribed = null;
        onError(error instanceof Error ? error : new Error(String(error)));
        resolve(null);
      }
      return { number, told };
    },
    close() {
      subscriber?.disconnect();
    },
  };
}
