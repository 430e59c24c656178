import { createHmac, timingSafeEqual } from "node:crypto";
import { Queue } from "bullmq";
import express, { type Request } from "express";
import { listen } from "@sluice/runtime";
import { serveParent } from "../child.ts";
import { SECRET } from "../event.ts";
import { JOBS } from "./by-hand-jobs.ts";

const KEY = Buffer.from(SECRET.slice("whsec_".length), "base64");
const TOLERANCE_SECONDS = 300;

/** (b), the door that one would write by hand: check the signature, put the payload into a job, answer. */
serveParent(async ({ redisUrl }: { redisUrl: string }) => {
  const queue = new Queue(JOBS, { connection: { url: redisUrl, enableOfflineQueue: false } });
  await queue.waitUntilReady();
  const app = express().disable("x-powered-by").disable("etag");
  app.post("/webhooks/:source", express.raw({ type: () => true }), async (request, response) => {
    if (!isAuthentic(request)) {
      response.status(401).json({ error: "not authentic" });
      return;
    }
    const event: unknown = JSON.parse((request.body as Buffer).toString());
    await queue.add("event", event, {
      jobId: request.get("webhook-id") ?? "",
      attempts: 5,
      backoff: { type: "exponential", delay: 1000 },
      removeOnComplete: 1000,
      removeOnFail: 1000,
    });
    response.status(202).json({ accepted: 1 });
  });
  const server = await listen(app, { role: "ingress", port: 0 });
  return {
    url: server.url,
    async close() {
      await server.close(1000);
      await queue.close();
    },
  };
});

function isAuthentic(request: Request): boolean {
  const id = request.get("webhook-id");
  const timestamp = request.get("webhook-timestamp");
  const given = request.get("webhook-signature");
  if (id === undefined || timestamp === undefined || given === undefined) return false;
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const expected = createHmac("sha256", KEY)
    .update(`${id}.${timestamp}.`)
    .update(request.body as Buffer)
    .digest();
  const signature = Buffer.from(given.replace(/^v1,/, ""), "base64");
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
