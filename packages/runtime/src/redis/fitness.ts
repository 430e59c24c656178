import { parseRedisAddress, type RedisAddress } from "@sluice/redis-address";
import type { Redis } from "ioredis";
import { SluiceError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { withoutPassword } from "../url.ts";
import { inquirePatiently } from "./inquiry.ts";

/**
 * Proves that a Redis answers and will not throw keys away: a server that evicts would lose events that Sluice
 * has acknowledged (docs/design.md §3). Behind sentinels the primary is asked, in a cluster each server that answers.
 * @throws RedisUrlError (`code` "redis_url_invalid"), SluiceError `redis_unreachable`, `redis_evicts`, `redis_is_cluster`, `redis_no_cluster`
 */
export async function assertKeepsKeys(url: string, deadlineMs: number = LIMITS.redisConnectDeadlineMs): Promise<void> {
  const address = parseRedisAddress(url);
  if (address.kind === "cluster") return await assertClusterKeepsKeys(url, address, deadlineMs);
  const facts = await inquirePatiently(address, deadlineMs, readFacts).catch((cause: unknown) => {
    throw unreachable(withoutPassword(url), cause);
  });
  if (facts.isCluster) throw isCluster(withoutPassword(url));
  if (facts.policy !== "noeviction") throw evicts(withoutPassword(url), facts.policy);
}

async function assertClusterKeepsKeys(
  url: string,
  address: RedisAddress & { readonly kind: "cluster" },
  deadlineMs: number,
): Promise<void> {
  const at = (node: Node): RedisAddress => ({ ...address, kind: "server", node, family: null, database: 0 });
  // Several servers are named so that one of them may be down: the first answer is enough.
  let isAnswered = false;
  const nodes = await Promise.any(
    address.nodes.map(async (node) => await inquirePatiently(at(node), deadlineMs, readNodes, () => isAnswered)),
  ).catch((cause: unknown) => {
    throw unreachable(withoutPassword(url), cause instanceof AggregateError ? cause.errors[0] : cause);
  });
  isAnswered = true;
  if (nodes === null) throw noCluster(withoutPassword(url));
  for (const node of nodes) {
    const facts = await inquirePatiently(at(node), LIMITS.redisNodeAnswerDeadlineMs, readFacts).catch(() => null);
    if (facts !== null && facts.policy !== "noeviction") throw evicts(`${node.host}:${node.port}`, facts.policy);
  }
}

type Node = { readonly host: string; readonly port: number };
type Facts = { readonly policy: string; readonly isCluster: boolean };

async function readFacts(redis: Redis): Promise<Facts> {
  // Hosted Redis often forbids CONFIG; INFO tells the same.
  const answer = await redis.config("GET", "maxmemory-policy").catch(() => []);
  const info = await redis.info();
  const policy = Array.isArray(answer) ? answer[1] : undefined;
  return {
    policy: typeof policy === "string" ? policy : (/^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "unknown"),
    isCluster: /^cluster_enabled:1/m.test(info),
  };
}

/** The places of a cluster's servers; null: the server belongs to none. */
async function readNodes(redis: Redis): Promise<readonly Node[] | null> {
  if (!(await readFacts(redis)).isCluster) return null;
  const slots = (await redis.cluster("SLOTS")) as readonly (readonly unknown[])[];
  const nodes = new Map<string, Node>();
  for (const [, , ...servers] of slots) {
    for (const [host, port] of servers as readonly (readonly [string | null, number])[]) {
      if (host !== null && host !== "") nodes.set(`${host}:${port}`, { host, port });
    }
  }
  return [...nodes.values()];
}

function unreachable(place: string, cause: unknown): SluiceError {
  return new SluiceError(`Redis at ${place} does not answer`, {
    code: "redis_unreachable",
    hint: "check SLUICE_REDIS_URL (docs/redis.md has its forms), or unset it to use a private Redis",
    cause,
  });
}

function isCluster(place: string): SluiceError {
  return new SluiceError(`Redis at ${place} is a server of a cluster, and has only a part of the keys`, {
    code: "redis_is_cluster",
    hint: "write redis+cluster:// instead of redis:// (rediss+cluster:// for rediss://), and name two or three of its servers",
  });
}

function noCluster(place: string): SluiceError {
  return new SluiceError(`Redis at ${place} belongs to no cluster`, {
    code: "redis_no_cluster",
    hint: "write redis:// instead of redis+cluster:// (rediss:// for rediss+cluster://)",
  });
}

function evicts(place: string, policy: string): SluiceError {
  return new SluiceError(
    `Redis at ${place} may evict keys (maxmemory-policy is ${policy}), which would lose accepted events`,
    {
      code: "redis_evicts",
      hint:
        "run `redis-cli CONFIG SET maxmemory-policy noeviction` there and put `maxmemory-policy noeviction` into its " +
        "redis.conf (of a hosted Redis: into its parameters)",
    },
  );
}
