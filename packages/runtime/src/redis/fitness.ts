import type { Redis } from "ioredis";
import { SluiceError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { withoutPassword } from "../url.ts";
import { inquirePatiently } from "./inquiry.ts";

/**
 * Proves that a Redis answers and will not throw keys away: a server that evicts would lose events that Sluice
 * has acknowledged (docs/design.md §3). In a cluster each node that the URL names is asked.
 * @throws SluiceError `redis_unreachable`, `redis_evicts`
 */
export async function assertKeepsKeys(url: string, deadlineMs: number = LIMITS.redisConnectDeadlineMs): Promise<void> {
  for (const node of nodesOf(url)) {
    const policy = await inquirePatiently(node, deadlineMs, evictionPolicy).catch((cause: unknown) => {
      throw new SluiceError(`Redis at ${withoutPassword(node)} does not answer`, {
        code: "redis_unreachable",
        hint: "check SLUICE_REDIS_URL (redis://user:password@host:6379/0), or unset it to use a private Redis",
        cause,
      });
    });
    if (policy !== "noeviction") throw evicts(node, policy);
  }
}

/** `redis+cluster://user:pw@a:1,b:2/0` → one plain URL per node. */
export function nodesOf(url: string): readonly string[] {
  const cluster = /^(rediss?)\+cluster:\/\/(?:([^@/]*)@)?([^/?]+)/i.exec(url);
  if (cluster === null) return [url];
  const [, scheme = "", credentials, hosts = ""] = cluster;
  return hosts.split(",").map((host) => `${scheme}://${credentials === undefined ? "" : `${credentials}@`}${host}`);
}

async function evictionPolicy(redis: Redis): Promise<string> {
  // Hosted Redis often forbids CONFIG; INFO tells the same.
  const answer = await redis.config("GET", "maxmemory-policy").catch(() => []);
  const policy = Array.isArray(answer) ? answer[1] : undefined;
  if (typeof policy === "string") return policy;
  const memory = await redis.info("memory");
  return /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? "unknown";
}

function evicts(node: string, policy: string): SluiceError {
  return new SluiceError(
    `Redis at ${withoutPassword(node)} may evict keys (maxmemory-policy is ${policy}), which would lose accepted events`,
    {
      code: "redis_evicts",
      hint:
        "run `redis-cli CONFIG SET maxmemory-policy noeviction` there and put `maxmemory-policy noeviction` into its " +
        "redis.conf (of a hosted Redis: into its parameters)",
    },
  );
}
