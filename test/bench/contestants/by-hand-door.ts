import { createHmac, timingSafeEqual } from "node:crypto";
import { Queue } from "bullmq";
import express, { type Request } from "express";
import { listen } from "@sluice/runtime";
import { serveParent } from "../child.ts";
import { SECRET, SIGNATURE_HEADER } from "../event.ts";
import { JOBS, type CustomerUpdated } from "./by-hand-jobs.ts";

/** The door that one would write by hand: check the signature, put the payload into a job, answer. */
serveParent(async ({ redisUrl }: { redisUrl: string }) => {
  const queue = new Queue(JOBS, { connection: { url: redisUrl, enableOfflineQueue: false } });
  await queue.waitUntilReady();
  const app = express().disable("x-powered-by").disable("etag");
  app.post("/webhooks/:source", express.raw({ type: () => true }), async (request, response) => {
    if (!isAuthentic(request)) {
      response.status(401).json({ error: "not authentic" });
      return;
    }
    const event = JSON.parse((request.body as Buffer).toString()) as CustomerUpdated;
    await queue.add("event", event, {
      jobId: event.event_id,
      attempts: 5,
      backoff: { type: "exponential", delay: 1000 },
      removeOnComplete: 1000,
      removeOnFail: 1000,
    });
    response.status(202).json({ accepted: 1 });
  });
  // `listen` makes requests in the shape that an app of Express gives them; this service is to be Express' own.
  const server = await listen((request, response) => app(request, response), { role: "ingress", port: 0 });
  return {
    url: server.url,
    async close() {
      await server.close(1000);
      await queue.close();
    },
  };
});

function isAuthentic(request: Request): boolean {
  const expected = createHmac("sha256", SECRET)
    .update(request.body as Buffer)
    .digest();
  const signature = Buffer.from(request.get(SIGNATURE_HEADER) ?? "", "hex");
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
