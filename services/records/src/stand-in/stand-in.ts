import express, { Router, type RequestHandler } from "express";
import { z } from "zod";
import type { Clock } from "@sluice/runtime";
import { ANSWERS, PLANS, RULINGS, Refusal, LIMITS as CONTRACT_LIMITS, type Plan, type PlanName } from "@sluice/zendesk";
import type { AccountLimits } from "../account/account.ts";
import type { AccessTokens } from "../account/access-token.ts";
import type { JobPace, Jobs } from "../jobs/jobs.ts";
import { LIMITS } from "../limits.ts";
import { faultAsSent, faultList } from "./fault.ts";
import { rateLimit } from "./rate-limit.ts";

/** How a stand-in begins; all but the plan can be changed while it runs. */
export type StandInOptions = { readonly plan: PlanName } & Partial<Settings>;

const settingsSchema = z.strictObject({
  /** The account's limits, in place of the plan's. */
  requestsPerMinute: z.int().min(1).max(1_000_000),
  incrementalExportsPerMinute: z.int().min(1).max(1_000_000),
  /** How a 429 is worded. */
  throttleBody: z.enum(["json", "text"]),
  /** How long a job is queued, and how long it works. */
  jobQueuedMs: z.int().min(0).max(600_000),
  jobWorkingMs: z.int().min(0).max(600_000),
  /** The life of access tokens that are issued from now on. */
  tokenSeconds: z.int().min(1).max(172_800),
});
type Settings = z.infer<typeof settingsSchema>;

type JobTally = Pick<Jobs, "live" | "mostLive" | "refused">;

/**
 * The parts that make the store behave as an account of Zendesk: a plan's limits, jobs that take their time, fences that nobody looks
 * at, and faults that a test asks for at `/__control`.
 */
export type StandIn = {
  readonly account: AccountLimits;
  /** The store's time: the machine's, ahead by what a test has asked for. */
  readonly clock: Clock;
  readonly jobPace: JobPace;
  readonly tokenSeconds: () => number;
  /** Handlers for every request, before its caller is known. */
  readonly first: readonly RequestHandler[];
  /** The account's limit, for requests of known callers. */
  readonly limit: RequestHandler;
  /** The routes of `/__control`. */
  control(tokens: AccessTokens, jobs: JobTally): Router;
};

export function createStandIn({ plan: name, ...given }: StandInOptions, machineClock: Clock): StandIn {
  const plan: Plan = PLANS[name];
  let settings: Settings = {
    requestsPerMinute: plan.requestsPerMinute,
    incrementalExportsPerMinute: plan.incrementalExportsPerMinute,
    throttleBody: "json",
    jobQueuedMs: 2_000,
    jobWorkingMs: 6_000,
    tokenSeconds: 1_800,
    ...given,
  };
  let aheadMs = 0;
  const clock: Clock = { nowMs: () => machineClock.nowMs() + aheadMs };
  const faults = faultList();
  const rate = rateLimit({ clock, limits: () => settings, inText: () => settings.throttleBody === "text" });
  const asked = new Map<string, number>();

  return {
    account: { ...plan, records: CONTRACT_LIMITS.records },
    clock,
    jobPace: {
      get queuedMs() {
        return settings.jobQueuedMs;
      },
      get workingMs() {
        return settings.jobWorkingMs;
      },
    },
    tokenSeconds: () => settings.tokenSeconds,
    first: [withoutOurHeaders, faults.handler],
    limit(request, response, next) {
      const kind = `${request.method} ${nounOf(request.path)}`;
      asked.set(kind, (asked.get(kind) ?? 0) + 1);
      return rate.handler(request, response, next);
    },

    control(tokens, jobs) {
      const state = () => ({
        plan: name,
        settings,
        aheadMs,
        faults: faults.list(),
        tokensIssued: tokens.issued,
        jobs: { live: jobs.live, mostLive: jobs.mostLive, refused: jobs.refused },
        requests: {
          counted: rate.counted,
          refused: rate.refused,
          mostInAnyMinute: rate.mostInAnyMinute,
          asked: Object.fromEntries(asked),
        },
      });
      const router = Router();
      router.use(express.json({ type: () => true, limit: LIMITS.controlBytes }));
      router.get("/", (_request, response) => void response.json(state()));
      router.post("/faults", (request, response) => {
        faults.add(read(faultAsSent, request.body));
        response.status(201).json(state());
      });
      router.delete("/faults", (_request, response) => {
        faults.clear();
        response.json(state());
      });
      router.patch("/settings", (request, response) => {
        settings = { ...settings, ...withoutUndefined(read(settingsSchema.partial(), request.body)) };
        response.json(state());
      });
      router.post("/clock", (request, response) => {
        aheadMs += read(z.strictObject({ advanceMs: z.int().min(0).max(MOST_AHEAD_MS) }), request.body).advanceMs;
        response.json(state());
      });
      router.delete("/tokens", (_request, response) => {
        tokens.revoke();
        response.json(state());
      });
      return router;
    },
  };
}

/** The subject of a path: `records`, `jobs`, `job_statuses` … */
function nounOf(path: string): string {
  return path.split("/").findLast((part) => NOUNS.has(part)) ?? "other";
}

const NOUNS: ReadonlySet<string> = new Set([
  "custom_objects",
  "fields",
  "records",
  "jobs",
  "job_statuses",
  "incremental",
]);

/** Zendesk looks at no fencing token, and at no preference. */
const withoutOurHeaders: RequestHandler = (request, _response, next) => {
  delete request.headers[RULINGS.fenceHeader.toLowerCase()];
  delete request.headers[RULINGS.jobFencesHeader.toLowerCase()];
  delete request.headers[RULINGS.stampsHeader.toLowerCase()];
  delete request.headers["prefer"];
  next();
};

const MOST_AHEAD_MS = 30 * 24 * 3_600_000;

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(ANSWERS.invalidParameter(z.prettifyError(parsed.error)));
}

function withoutUndefined(given: object): Partial<Settings> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
