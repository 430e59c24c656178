import type { Exchange, JobExchange, BulkJobs, Traced } from "@sluice/destination";
import type { Claim, Lane } from "@sluice/queue";
import type { Span, Tracing } from "@sluice/tracing";
import { expect, test } from "vitest";
import type { JobFollower } from "../jobs/follow.ts";
import type { HeldObjects } from "../requests/held-objects.ts";
import type { Outcomes } from "../writes/outcome.ts";
import type { Requests } from "../requests/request.ts";
import { createUnknownJobs, type UnknownJobOptions } from "../jobs/unknown-job.ts";
import { createWriter } from "../writes/writer.ts";
import { flightSpans } from "./flight-span.ts";

const DONE: Exchange = { answer: { kind: "done" }, status: "200", shown: null };
const SPLIT: Exchange = { answer: { kind: "split", code: "too_large", message: "" }, status: "413", shown: null };

/** A writer at a destination that checks no token and lists its jobs, which answers its jobs so, and all that it tells of its flights. */
function writing(start: (writes: number) => JobExchange) {
  const spans: string[] = [];
  const sent: (string | null)[] = [];
  const tracing: Pick<Tracing, "begin"> = {
    begin(name, { parent }): Span {
      const context = `${name} in ${parent}`;
      return {
        traceId: "",
        context,
        headers: {},
        end: (attributes, fault) =>
          void spans.push(`${context}: ${attributes["sluice.verdict"] ?? fault ?? "answered"}`),
      };
    },
  };
  const hear = (traced?: Traced): void => void sent.push(traced?.context ?? null);
  const jobs: Pick<BulkJobs, "groupOf" | "start"> = {
    groupOf: () => "all",
    async start(writes, _signal, traced) {
      hear(traced);
      return start(writes.length);
    },
  };
  const requests: Pick<Requests, "make" | "grant"> = {
    async make(_about, send, judge) {
      const made = await send();
      judge(made.exchange);
      return made;
    },
    grant: async () => ({ pass: undefined }),
  };
  const outcomes: Pick<Outcomes, "verdictOf" | "carryOut"> = {
    verdictOf: () => ({ kind: "settle", health: "good" }),
    carryOut: async () => {},
  };
  const lane: Pick<Lane, "announceJob"> = { announceJob: async (claims) => claims };
  const writer = createWriter({
    destination: {
      jobs: jobs as BulkJobs,
      credentialsAgainMs: null,
      async write(_write, _signal, traced) {
        hear(traced);
        return DONE;
      },
      close: async () => {},
    },
    requests: requests as Requests,
    outcomes: outcomes as Outcomes,
    follower: {} as JobFollower,
    unknownJobs: createUnknownJobs({ lane, list: {}, fences: () => false, leaseMs: () => 1000 } as UnknownJobOptions),
    permits: { take: async () => ({ keep: async () => {}, release: async () => {} }) },
    objects: { pauseMs: () => null } as unknown as HeldObjects,
    spans: flightSpans(tracing as Tracing, "crm"),
    batch: 3,
    minLeaseLeftMs: 0,
    signal: new AbortController().signal,
    onError: (error) => expect.fail(error.message),
  });
  return {
    spans,
    sent,
    write: async (...traces: readonly (readonly string[])[]) =>
      await Promise.all(writer.start(traces.map(claimIn), { requests: 1, passes: [] })),
  };
}

function claimIn(traces: readonly string[], at: number): Claim {
  const claim: Partial<Claim> = {
    id: `r${at}`,
    lost: 0,
    job: null,
    posted: false,
    together: null,
    confirmed: new Map(),
    leaseEndsAt: Infinity,
    snapshot: { deletion: null, fields: new Map([["tier", {}]]), open: new Map() } as unknown as Claim["snapshot"],
    traces,
  };
  return claim as Claim;
}

test("a job at a destination that checks no token is in the trace of its oldest change", async () => {
  const { spans, sent, write } = writing(() => ({ exchange: DONE, job: { kind: "done", items: [DONE, DONE, DONE] } }));
  await write([], ["t1", "t2"], ["t3"]);
  expect(sent).toEqual(["job crm in flight crm in t1"]);
  expect(spans).toEqual(["job crm in flight crm in t1: answered", "flight crm in t1: settle"]);
});

test("of a job that is halved each half is a flight of its own, and one without traces is in none", async () => {
  const { spans, sent, write } = writing(() => ({ exchange: SPLIT, job: { kind: "refused" } }));
  await write(["t1"], []);
  expect(sent).toEqual(["job crm in flight crm in t1", "upsert crm in flight crm in t1", null]);
  expect(spans).toEqual([
    "job crm in flight crm in t1: answered",
    "flight crm in t1: split",
    "upsert crm in flight crm in t1: answered",
    "flight crm in t1: settle",
  ]);
});
