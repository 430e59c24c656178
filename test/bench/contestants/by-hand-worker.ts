import { Worker } from "bullmq";
import CircuitBreaker from "opossum";
import { Pool } from "undici";
import { serveParent } from "../child.ts";
import { DESTINATION_CONCURRENCY } from "../limits.ts";
import { JOBS, type CustomerUpdated } from "./by-hand-jobs.ts";

type Settings = { readonly redisUrl: string; readonly destinationUrl: string };

/** The worker that one would write by hand: each job is one call through the breaker. */
serveParent(async ({ redisUrl, destinationUrl }: Settings) => {
  const pool = new Pool(destinationUrl, { connections: DESTINATION_CONCURRENCY });
  const breaker = new CircuitBreaker(
    async (customer: CustomerUpdated) => {
      const answer = await pool.request({
        method: "PATCH",
        path: `/api/v2/custom_objects/customer/records?external_id=${encodeURIComponent(`erp:${customer.id}`)}`,
        headers: { "content-type": "application/json", authorization: "Bearer bench" },
        body: JSON.stringify({
          custom_object_record: {
            name: customer.company,
            custom_object_fields: {
              tier: customer.category,
              balance: customer.balance,
              email: customer.email,
              city: customer.city,
              revision: customer.revision,
            },
          },
        }),
      });
      await answer.body.dump();
      if (answer.statusCode >= 400) throw new Error(`the destination answered ${answer.statusCode}`);
    },
    { timeout: 20_000, errorThresholdPercentage: 50, resetTimeout: 5000, volumeThreshold: 10 },
  );
  const worker = new Worker<CustomerUpdated>(JOBS, async (job) => await breaker.fire(job.data), {
    connection: { url: redisUrl, maxRetriesPerRequest: null },
    concurrency: DESTINATION_CONCURRENCY,
  });
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close();
      breaker.shutdown();
      await pool.close();
    },
  };
});
