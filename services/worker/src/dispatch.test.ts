import { expect, onTestFinished, test, vi } from "vitest";
import type { Claimed, Claimer, ClaimOrder, Lane } from "@sluice/queue";
import { createDispatch } from "./dispatch.ts";
import { LOOK_AGAIN_MS } from "./limits.ts";

/** A dispatch whose lane answers every claim with "nothing is due", by timers that the test turns. */
function dispatching() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const orders: Pick<ClaimOrder, "requests" | "unused">[] = [];
  let claimer: Claimer | undefined;
  const lane = {
    claimWith: (next: Claimer) => (claimer = next),
    async claim({ requests, unused }: ClaimOrder): Promise<Claimed> {
      orders.push({ requests, unused });
      return { kind: "wait", forMs: 60_000 };
    },
  } as unknown as Lane;
  const dispatch = createDispatch({
    lane,
    concurrency: 4,
    permits: null,
    order: () => ({}) as Omit<ClaimOrder, "requests" | "batch" | "unused">,
    batch: () => 1,
    start: () => [],
    onPlaces: () => {},
    onError: (error) => expect.fail(error.message),
  });
  return { dispatch, orders, claimer: claimer! };
}

test("a merge whose claim nobody heard of is followed by a look, also where one came while it had all places", async () => {
  const { dispatch, orders, claimer } = dispatching();
  const asked = claimer.order()!;
  expect(asked.requests).toBe(4);
  // A second merge, and a look, find no place while the first may have claimed for all of them.
  expect(claimer.order()).toBe(null);
  await dispatch.wake();
  expect(orders).toEqual([]);

  claimer.take(new Error("the connection is gone"), asked);
  await vi.advanceTimersByTimeAsync(LOOK_AGAIN_MS);
  expect(orders).toEqual([{ requests: 4, unused: 0 }]);
  await dispatch.close();
});

test("requests that were granted and not sent go back with one order alone", async () => {
  const { dispatch, orders, claimer } = dispatching();
  claimer.take({ kind: "claimed", claims: [], requests: 3, passes: [], left: 0, further: 0 }, claimer.order()!);
  expect(claimer.order()!.unused).toBe(3);
  await dispatch.wake();
  expect(orders).toEqual([]);
  await dispatch.close();
});

test("an order that met a hold gives nothing back: its unsent requests go with the next one", async () => {
  const { dispatch, claimer } = dispatching();
  claimer.take({ kind: "claimed", claims: [], requests: 3, passes: [], left: 0, further: 0 }, claimer.order()!);
  const asked = claimer.order()!;
  expect(asked.unused).toBe(3);
  claimer.take({ kind: "held", reason: "operator", forMs: null }, asked);
  expect(claimer.order()!.unused).toBe(3);
  await dispatch.close();
});
