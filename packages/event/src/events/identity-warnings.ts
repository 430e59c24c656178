import { attemptHeader, isAttemptTime } from "./attempt-time.ts";
import type { Scheme } from "../scheme.ts";

/** Sentences about the ways in which a scheme's events can't be told apart or ordered. None, where there is nothing to say. */
export function identityWarnings({ check, event }: Scheme): string[] {
  const { id, time, finer = [], version = [], delivery = [] } = event;
  const isAttempts = (rule: { readonly from: string }): boolean => isAttemptTime(check, rule);
  const isOrdered = [...time, ...finer, ...version].some((rule) => !isAttempts(rule));
  return [
    ...(id.length === 0 && delivery.length === 0 && !isOrdered
      ? [
          "its events have neither an id nor a time or version: a value that goes from A to B and back to A is taken for a repetition; name one of them in `event`",
        ]
      : []),
    ...([...time, ...finer, ...version].some(isAttempts)
      ? [
          `its events take their time from the header \`${attemptHeader(check)}\`, which is the attempt's: a repetition would be newer than what came after the first try; leave it out of \`event\``,
        ]
      : []),
  ];
}
