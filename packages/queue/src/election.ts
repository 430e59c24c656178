import type { Redis } from "ioredis";

/** Elects one holder of an office: of all processes that ask, one at a time is told yes, for as long as it asks. */
export async function elect(redis: Redis, office: string, candidate: string, termMs: number): Promise<boolean> {
  const held = await redis.set(office, candidate, "PX", termMs, "NX");
  if (held === "OK") return true;
  if ((await redis.get(office)) !== candidate) return false;
  await redis.pexpire(office, termMs);
  return true;
}
