import type { Redis } from "ioredis";
import { expect } from "vitest";
import { readClaim } from "../claims/claim.ts";
import type { ModelLane } from "./lane-model.fixture.ts";
import type { Lane } from "../lane.ts";
import { placeOf } from "../lanes/tags.ts";
import { readLedger } from "./ledger.fixture.ts";

/** Redis' answers for the time that a key has left. */
const NEVER = -1;
const NO_KEY = -2;

/** Expects that the lanes hold what their models do: each record, all counts. */
export async function compare(
  redis: Redis,
  models: readonly ModelLane[],
  { lane, tags }: { readonly lane: Lane; readonly tags: readonly string[] },
): Promise<void> {
  const numbers = await lane.numbers();
  const records = models.flatMap((each) => [...each.records]);
  const seen = await Promise.all(
    records.map(async ([id]) => {
      const tag = tags[placeOf(id, tags.length)]!;
      const [ledger, expiresInMs, pending, due, since] = await Promise.all([
        readLedger(redis, `${tag}:l:${id}`),
        redis.pttl(`${tag}:l:${id}`),
        redis.hgetallBuffer(`${tag}:p:${id}`),
        redis.zscore(`${tag}:due`, id).then(numberOrNull),
        redis.zscore(`${tag}:since`, id).then(numberOrNull),
      ]);
      // However long a destination is held, a pending change never loses the ledger that it is newer than.
      if (expiresInMs !== NO_KEY) expect([id, expiresInMs === NEVER]).toEqual([id, Object.keys(pending).length > 0]);
      // A job would hide the changes that came in since.
      const flat = Object.entries(pending).flatMap(([name, value]) =>
        name === "@job" ? [] : [Buffer.from(name), value],
      );
      const { snapshot } = readClaim([Buffer.from(id), Buffer.from("0"), flat, []], {
        destination: "crm",
        leaseEndsAt: 0,
        remember: false,
        state: null,
      });
      const deletion = snapshot.deletion === null ? null : { ...snapshot.deletion, value: undefined };
      const number = (name: string): number => Number(pending[name] ?? 0);
      const flight = {
        attempts: number("@attempts"),
        lost: number("@lost"),
        isCarried: pending["@job"] !== undefined,
        isPosted: pending["@posted"] !== undefined,
      };
      return [id, { ...ledger, ...snapshot, deletion, due, since, ...flight }] as const;
    }),
  );
  const expected = records.map(([id, { state, due, since, attempts, lost, job, posted }]) => {
    const { ledger: stamps, tombstone, pending: fields, open } = state;
    const deletion = state.deletion === null ? null : { ...state.deletion, value: undefined };
    const told = { stamps, tombstone, fields, open, deletion, due, since: due === null ? null : since };
    return [id, { ...told, attempts, lost, isCarried: job !== null, isPosted: posted }] as const;
  });
  expect(new Map(seen)).toEqual(new Map(expected));
  const total = (by: ReadonlyMap<string, number>): number => [...by.values()].reduce((sum, each) => sum + each, 0);
  const ended = [...numbers.outcomes].map(([outcome, by]) => [outcome, total(by)] as const);
  const outcomes = new Map<string, number>();
  for (const each of models) {
    for (const [outcome, by] of each.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + by);
  }
  const inAll = (of: (each: ModelLane) => number): number => models.reduce((all, each) => all + of(each), 0);
  expect(new Map(ended.filter(([, all]) => all > 0))).toEqual(outcomes);
  const counted = [inAll(({ accepted }) => accepted), inAll(({ ties }) => ties)];
  expect([total(numbers.accepted), total(numbers.ties)]).toEqual(counted);
  expect(numbers.deadRecords).toBe(records.filter(([, { dead }]) => dead).length);
  expect(total(numbers.accepted)).toBe(total(numbers.open) + ended.reduce((sum, [, all]) => sum + all, 0));
}

function numberOrNull(score: string | null): number | null {
  return score === null ? null : Number(score);
}
