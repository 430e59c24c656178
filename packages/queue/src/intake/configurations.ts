import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { MAX_CONFIGURATIONS } from "../limits.ts";
import { runIntake } from "./scripts.ts";
import type { IntakeJob } from "./webhook.ts";

/** By source: a digest of what its events are understood with. */
export type Digests = Readonly<Record<string, string>>;

/** Tells Redis that there is this configuration, and resolves to its number: higher than that of every one that was new before. */
export async function registerConfiguration(redis: Redis, tag: string, digests: Digests): Promise<number> {
  const rows = Object.entries(digests).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256").update(JSON.stringify(rows)).digest("base64url").slice(0, 22);
  return Number(await runIntake(redis, "configuration", [tag, digest, MAX_CONFIGURATIONS]));
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
