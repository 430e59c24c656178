import type { Exchange } from "@sluice/destination";
import type { Gate } from "@sluice/queue";
import { expect, test } from "vitest";
import type { Breaker } from "./breaker.ts";
import type { WriterMetrics } from "../metrics.ts";
import { createRequests } from "./request.ts";

test("the fleet learns the quota that an answer names, from one answer of a moment", async () => {
  const learned: Parameters<Gate["learn"]>[] = [];
  const requests = createRequests({
    gate: { learn: async (...said: Parameters<Gate["learn"]>) => void learned.push(said) } as unknown as Gate,
    breaker: { enter: () => null } as unknown as Breaker,
    metrics: { requested: () => {}, quotaRemaining: () => {} } as unknown as WriterMetrics,
    terms: () => ({ requestsPerMinute: 700, credentials: "", passMs: 1000 }),
    signal: new AbortController().signal,
    credentialsAgainMs: null,
  });
  const exchange = {
    answer: { kind: "done" },
    status: 200,
    shown: null,
    quota: { limit: 200, remaining: 150, resetSeconds: 30 },
  } as unknown as Exchange;
  for (let answer = 0; answer < 3; answer += 1)
    await requests.make(
      { kind: "upsert", records: 1, pass: undefined },
      async () => ({ exchange }),
      () => ({ kind: "settle", health: "good" }),
    );
  expect(learned).toEqual([[700, { limit: 200, remaining: 150, resetMs: 30_000 }]]);
});
