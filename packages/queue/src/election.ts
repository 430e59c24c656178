import type { Redis } from "ioredis";

/** Elects one holder of a role: of all processes that ask, one at a time is told yes, for as long as it asks. */
export async function elect(redis: Redis, role: string, candidate: string, termMs: number): Promise<boolean> {
  const held = await redis.set(role, candidate, "PX", termMs, "NX");
  if (held === "OK") return true;
  if ((await redis.get(role)) !== candidate) return false;
  await redis.pexpire(role, termMs);
  return true;
}
