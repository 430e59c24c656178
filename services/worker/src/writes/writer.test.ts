import type { Claim, JobPermits } from "@sluice/queue";
import { expect, test } from "vitest";
import type { JobFollower } from "../jobs/follow.ts";
import type { HeldObjects } from "../requests/held-objects.ts";
import type { Outcomes } from "./outcome.ts";
import type { Requests } from "../requests/request.ts";
import type { UnknownJobs } from "../jobs/unknown-job.ts";
import { createWriter, type WriterOptions } from "./writer.ts";

/** A writer whose records go to no destination, and the passes and records that it gave back. */
function writing(): {
  readonly writer: ReturnType<typeof createWriter>;
  readonly passes: string[];
  readonly records: string[];
} {
  const passes: string[] = [];
  const records: string[] = [];
  const options: Pick<WriterOptions, "requests" | "outcomes" | "unknownJobs" | "objects"> = {
    requests: { giveBack: async (pass: string) => void passes.push(pass) } as unknown as Requests,
    outcomes: {
      giveBack: async (claims: readonly Claim[]) => void records.push(...claims.map(({ id }) => id)),
    } as unknown as Outcomes,
    unknownJobs: { mayCarry: () => false } as unknown as UnknownJobs,
    objects: { pauseMs: () => null } as unknown as HeldObjects,
  };
  const writer = createWriter({
    ...options,
    destination: { write: () => expect.fail("nothing is to be sent") } as unknown as WriterOptions["destination"],
    follower: {} as JobFollower,
    permits: {} as JobPermits,
    spans: null,
    batch: 1,
    minLeaseLeftMs: 1000,
    signal: new AbortController().signal,
    onError: (error) => expect.fail(error.message),
  });
  return { writer, passes, records };
}

test("passes of a recovery that no record needs are given back", async () => {
  const { writer, passes } = writing();
  await Promise.all(writer.start([], { requests: 2, passes: ["first", "second"] }));
  expect(passes).toEqual(["first", "second"]);
});

test("a record whose lease ends too soon is given back, and its pass too", async () => {
  const { writer, passes, records } = writing();
  const fields = new Map([["tier", { change: 1 }]]);
  const late = {
    id: "r",
    lost: 0,
    job: null,
    confirmed: new Map(),
    leaseEndsAt: performance.now(),
    snapshot: { deletion: null, fields },
  };
  await Promise.all(writer.start([late as unknown as Claim], { requests: 1, passes: ["only"] }));
  expect({ passes, records }).toEqual({ passes: ["only"], records: ["r"] });
});
