import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { createLeadership, type Leadership } from "./leadership.ts";
import { LEADER_TERM_MS } from "../limits.ts";

/** Roles of the fleet, each of which one process has at a time. */
export type Elections = {
  /** Elects one holder of a role: of all processes that ask, one at a time is told yes, for as long as it asks. */
  elect(role: string, candidate: string, termMs: number): Promise<boolean>;
  /** A role that this process stands for as often as it is asked for its work. */
  leadership(role: string): Leadership;
};

export function createElections(
  redis: Redis,
  namespace: string,
  session: string,
): Elections & { readonly close: () => void } {
  const all: Leadership[] = [];
  const script = readFileSync(new URL("elect.lua", import.meta.url), "utf8");
  const elect: Elections["elect"] = async (role, candidate, termMs) =>
    (await redis.eval(script, 1, `${namespace}:office:${role}`, candidate, termMs)) === "elected";
  return {
    elect,
    leadership(role) {
      const stand = async (): Promise<boolean> => await elect(role, session, LEADER_TERM_MS);
      const leadership = createLeadership({ stand, nowMs: () => performance.now() });
      all.push(leadership);
      return leadership;
    },
    close() {
      for (const each of all) each.close();
    },
  };
}
