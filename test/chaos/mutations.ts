/**
 * The product, broken on purpose in one place each: the worth of a test shows in which of these it sees.
 * `pnpm chaos:mutations` tries them in a copy of the tree; RESULTS.md has the findings.
 */
export type Mutation = {
  readonly name: string;
  readonly file: string;
  /** The text to replace, which stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** The tests that must fail with it; the chaos test is one of them unless a comment says why not. */
  readonly caughtBy: readonly string[];
};

const WORKER = "services/worker/src/worker.test.ts";
const CHAOS = "test/chaos/chaos.test.ts";
const FROZEN = "test/chaos/frozen-worker.test.ts";
const MODEL = "packages/queue/src/lane-model/model.test.ts";
const LANE = "packages/queue/src/lane-model/lane-model.test.ts";
const POISON = "packages/queue/src/intake/poison.test.ts";
const FLIGHT = "services/worker/src/writes/flight.test.ts";
const UNKNOWN_JOB = "services/worker/src/jobs/unknown-job.test.ts";
const LUA = "packages/queue/src/lua";

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "acknowledged although Redis did not confirm",
    file: "packages/queue/src/intake/door.ts",
    from: `throw new QueueUnavailableError(\`Redis did not confirm the write: \${why}\`, { cause });`,
    to: `void [why, cause]; return [] as Answer;`,
    caughtBy: [CHAOS],
  },
  {
    name: "202 before the webhook is stored",
    file: "services/ingress/src/ingress.ts",
    from: `await intake.add({`,
    to: `void intake.add({`,
    caughtBy: [CHAOS, "services/ingress/src/ingress.test.ts"],
  },
  {
    name: "a delivery that is read again is booked",
    file: `${LUA}/merge.lua`,
    from: `if known ~= 'new' then return #changes > 1 and 'seen' or { known } end`,
    to: `if known == 'duplicate' then return #changes > 1 and 'seen' or { known } end`,
    caughtBy: [LANE],
  },
  {
    name: "a delivery is not booked",
    file: `${LUA}/merge.lua`,
    from: `count('accepted', change.source, 1)`,
    to: `if #changes > 1 then count('accepted', change.source, 1) end`,
    caughtBy: [LANE, MODEL],
  },
  {
    name: "changes are joined before it is asked whether one was merged",
    file: `${LUA}/merge.lua`,
    from: `    if known ~= 'new' then return #changes > 1`,
    to: `    if known ~= 'new' and #changes == 1 then return #changes > 1`,
    caughtBy: [LANE],
  },
  {
    name: "an arrival is made anew when the webhook is read again",
    file: "services/worker/src/understanding/understander.ts",
    from: `micros: arrival.micros + mapped.length`,
    to: `micros: Date.now() * 1000 + mapped.length`,
    caughtBy: ["services/worker/src/understanding/understander.test.ts"],
  },
  {
    name: "an arrival goes back after a failover",
    file: "packages/queue/src/intake/arrival-clock.ts",
    from: `highest = Math.max(highest, seen);\n      session = number;`,
    to: `highest = seen;\n      session = number;`,
    caughtBy: ["packages/queue/src/intake/arrival-clock.test.ts"],
  },
  {
    name: "a door gives arrivals without asking for those of other doors",
    file: "packages/queue/src/intake/door.ts",
    from: `if (!clock.isFresh) await askClock();`,
    to: ``,
    caughtBy: ["packages/queue/src/intake/arrivals.test.ts"],
  },
  {
    name: "a tie is broken by something else than its arrival",
    file: "packages/record/src/stamp.ts",
    from: `digits(arrival.micros, MICROS_DIGITS) +`,
    to: `digits(arrival.micros % 7, MICROS_DIGITS) +`,
    caughtBy: ["packages/record/src/stamp.test.ts", "packages/queue/src/merging/merging.test.ts"],
  },
  {
    name: "a poisoned webhook takes its neighbours along",
    file: "packages/queue/src/intake/understanding.ts",
    from: `await sessions.place(id, place);`,
    to: `void place;`,
    caughtBy: [POISON],
  },
  {
    name: "an event loop that stands is taken for a death",
    file: "packages/queue/src/intake/deaths.ts",
    from: `if (other !== session && (await isGone(other))) {`,
    to: `void isGone;\n        if (other !== session) {`,
    caughtBy: ["packages/queue/src/intake/deaths.test.ts"],
  },
  {
    name: "merged by order of understanding",
    file: `${LUA}/merge.lua`,
    from: `if wins then`,
    to: `if true then`,
    caughtBy: [CHAOS, MODEL],
  },
  {
    name: "settled without comparing stamps",
    file: `${LUA}/settle.lua`,
    from: `if not entry or stamp_of(entry) ~= stamp then return end`,
    to: `if not entry then return end`,
    caughtBy: [CHAOS, MODEL],
  },
  {
    name: "nobody looks without a nudge",
    file: "services/worker/src/dispatch.ts",
    from: `if (!stopped) timer = setTimeout(() => void wake(), Math.min(pauseMs, LOOK_AGAIN_MS));`,
    to: `void [timer, pauseMs];`,
    caughtBy: [WORKER],
  },
  {
    name: "what came in during a flight is taken for sent",
    file: `${LUA}/settle.lua`,
    from: `return kept[1] == all_until and {`,
    to: `return {`,
    caughtBy: [CHAOS, MODEL],
  },
  {
    name: "tombstone forgotten",
    file: `${LUA}/merge.lua`,
    from: `local is_live = newer(stamp, tombstone)`,
    to: `local is_live = true`,
    // Most deletes are joined with the changes that they race with, so that a short run of the chaos test seldom sees it.
    caughtBy: [MODEL],
  },
  {
    name: "a late delete clears nothing",
    file: `${LUA}/record.lua`,
    from: `redis.call('HSET', lane .. ':p:' .. id, 'f:' .. field, entry)`,
    to: ``,
    // Most deletes are joined with the changes that they race with, so that a short run of the chaos test seldom sees it.
    caughtBy: [MODEL, "packages/queue/src/merging/late-delete.test.ts"],
  },
  {
    name: "event ids forgotten",
    file: `${LUA}/merge.lua`,
    from: `    remember(book, change.digest, change.arrival, change.run)\n`,
    to: ``,
    caughtBy: [CHAOS, LANE],
  },
  {
    name: "silence taken for success",
    file: "packages/record/src/verdict.ts",
    from: `    case "unknown":\n`,
    to: `    case "unknown":\n      return { kind: "settle", health: "good", as: "applied" };\n`,
    caughtBy: [CHAOS, "packages/record/src/verdict.test.ts"],
  },
  {
    name: "the store ignores the fence",
    file: "services/records/src/records/record-statements.ts",
    from: `where held.fence <= excluded.fence`,
    to: ``,
    // The chaos test sees the fault in some of its short runs only: a late write must meet a newer one.
    caughtBy: [FROZEN],
  },
  {
    name: "a lease that is over still counts",
    file: "services/worker/src/writes/writer.ts",
    from: `signal.aborted || claim.leaseEndsAt - performance.now() < minLeaseLeftMs;`,
    to: `signal.aborted;`,
    // The store's fence hides the fault from the chaos test, whose records converge all the same.
    caughtBy: [FROZEN, "services/worker/src/worker.test.ts"],
  },
  {
    name: "silence is taken for a failure where no token is checked",
    file: "services/worker/src/writes/outcome.ts",
    from: `unsettled: !fences() && verdict.unsettled,`,
    to: `unsettled: false,`,
    caughtBy: [FLIGHT],
  },
  {
    name: "a job that was handed over is sent again",
    file: `${LUA}/wait.lua`,
    from: `  if not is_flying then`,
    to: `  if true then`,
    caughtBy: [LANE, FLIGHT],
  },
  {
    name: "an attempt is not counted when a flight is taken over",
    file: `${LUA}/claims.lua`,
    from: `add_member('@attempts', text(attempts + 1))`,
    to: `add_member('@attempts', text(state['@fence'] and attempts or attempts + 1))`,
    caughtBy: [LANE, "packages/queue/src/operators/records.test.ts"],
  },
  {
    name: "leased records are claimed",
    file: `${LUA}/claims.lua`,
    from: `text(now + order.lease), id`,
    to: `text(now), id`,
    // The store's fence hides this fault too.
    caughtBy: [MODEL],
  },
  {
    name: "a command that is sent again counts again",
    file: `${LUA}/settle.lua`,
    from: `if is_quiet[id] or pending['@fence'] ~= claim.fence then return 'lost' end`,
    to: ``,
    caughtBy: ["packages/queue/src/claims/sent-again.test.ts"],
  },
  {
    name: "what a bulk job says of its items is ignored",
    file: "packages/destination/src/zendesk/jobs/jobs.ts",
    from: `return answered(result.status, result, result.said);`,
    to: `return answered(200);`,
    // The store refuses no item of the chaos test but one with an old token, which must not be written.
    caughtBy: ["packages/destination/src/zendesk/jobs/jobs.test.ts"],
  },
  {
    name: "one failure in a recovery holds the destination again",
    file: `${LUA}/report.lua`,
    from: `if bad * 2 > allowed then`,
    to: `if bad > 0 then`,
    caughtBy: ["packages/queue/src/gate/recovery.test.ts"],
  },
  {
    name: "a time ends the flight of a job whose id was never told",
    file: "services/worker/src/jobs/unknown-job.ts",
    from: `posted && job === null && list !== undefined`,
    to: `posted && job === undefined && list !== undefined`,
    // The chaos test's store checks tokens; `pnpm chaos --unfenced` does not.
    caughtBy: [UNKNOWN_JOB],
  },
];
