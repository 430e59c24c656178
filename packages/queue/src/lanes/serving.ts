import type { Redis } from "ioredis";
import { workerConnection } from "../intake/names.ts";
import { BEAT_KEEP_MS } from "../limits.ts";
import { ownerOf } from "../connection/owner.ts";

/** Says that this worker serves these lanes, and that they exist. */
export async function sayServed(redis: Redis, tag: string, session: string, lanes: readonly string[]): Promise<void> {
  const now = Date.now();
  const asked = redis.pipeline().hset(`${tag}:serves`, session, JSON.stringify(lanes));
  if (lanes.length > 0) asked.hset(`${tag}:lanes`, Object.fromEntries(lanes.map((lane) => [lane, now])));
  for (const [error] of (await asked.exec()) ?? []) if (error !== null) throw error;
}

/** Which lanes living workers serve. `unsaid`: workers of an older release, which don't say it. */
export async function servedLanes(
  redis: Redis,
  tag: string,
): Promise<{ readonly lanes: ReadonlySet<string>; readonly unsaid: number }> {
  const owner = ownerOf(redis, tag);
  const [[seconds], beats, serves, clients] = await Promise.all([
    owner.time(),
    redis.zrange(`${tag}:beats`, "0", "-1", "WITHSCORES"),
    redis.hgetall(`${tag}:serves`),
    // A hosted Redis may forbid CLIENT LIST: then a worker counts that was heard of within seconds.
    owner.client("LIST").then(String, () => ""),
  ]);
  const heard = new Map(beats.flatMap((each, at) => (at % 2 === 0 ? [[each, Number(beats[at + 1])] as const] : [])));
  const lanes = new Set<string>();
  let unsaid = 0;
  for (const session of new Set([...heard.keys(), ...Object.keys(serves)])) {
    const silentMs = Number(seconds) * 1000 - (heard.get(session) ?? 0);
    const isAlive = silentMs <= BEAT_KEEP_MS || clients.includes(` name=${workerConnection(session)} `);
    if (!isAlive) continue;
    const said = serves[session];
    if (said === undefined) unsaid += 1;
    else for (const lane of JSON.parse(said) as string[]) lanes.add(lane);
  }
  return { lanes, unsaid };
}
