import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { BEAT_KEEP_MS, MAX_CONFIGURATIONS } from "../limits.ts";
import { ownerOf } from "../connection/owner.ts";
import { runIntake } from "./scripts.ts";
import type { IntakeJob } from "./webhook.ts";

/** By source: a digest of the part of the configuration that its events are understood with. */
export type Digests = Readonly<Record<string, string>>;

/** Registers a configuration in Redis, and resolves to its number: a new one's is higher than those of all before. */
export async function registerConfiguration(redis: Redis, tag: string, digests: Digests): Promise<number> {
  const rows = Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256").update(JSON.stringify(rows)).digest("base64url").slice(0, 22);
  return Number(
    await runIntake(redis, "configuration", [
      tag,
      digest,
      MAX_CONFIGURATIONS,
      JSON.stringify(Object.fromEntries(rows)),
    ]),
  );
}

/** The configurations of the workers that live. A configuration that the release before registered has no digests here. */
export async function livingConfigurations(
  redis: Redis,
  tag: string,
): Promise<readonly { readonly number: number; readonly digests: Digests | null }[]> {
  const [[seconds], members] = await Promise.all([
    ownerOf(redis, tag).time(),
    redis.zrange(`${tag}:workers`, "0", "-1", "WITHSCORES"),
  ]);
  const numbers = new Set<string>();
  for (let at = 0; at < members.length; at += 2) {
    const isAlive = Number(seconds) * 1000 - Number(members[at + 1]) < BEAT_KEEP_MS;
    if (isAlive) numbers.add(members[at]!.split(":")[1]!);
  }
  if (numbers.size === 0) return [];
  const digests = await redis.hmget(`${tag}:digests`, ...numbers);
  return [...numbers].map((number, index) => {
    const text = digests[index];
    return { number: Number(number), digests: text == null ? null : (JSON.parse(text) as Digests) };
  });
}

/** Whether each source of a door has a worker that may understand its webhooks. */
export function isUnderstoodBy(
  workers: Awaited<ReturnType<typeof livingConfigurations>>,
  door: Pick<IntakeJob, "configuration" | "digests">,
): boolean {
  if (workers.length === 0) return false;
  return Object.keys(door.digests).every((source) =>
    workers.some(({ number, digests }) =>
      digests === null ? number >= door.configuration : understands({ number, digests }, source, door),
    ),
  );
}

/** Whether a process with this configuration may understand the source's webhooks of a job. */
export function understands(
  own: { readonly number: number; readonly digests: Digests },
  source: string,
  job: Pick<IntakeJob, "configuration" | "digests">,
): boolean {
  const digest = own.digests[source];
  if (digest === undefined) return false;
  return own.number >= job.configuration || digest === job.digests[source];
}
