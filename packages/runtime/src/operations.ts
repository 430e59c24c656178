import { createRequire } from "node:module";
import type { Router } from "express";
import type { Registry } from "prom-client";
import { LIMITS } from "./limits.ts";

const load = createRequire(import.meta.url);

/** One thing that a role needs, and whether it is there. */
export type Check = { readonly ok: boolean; readonly detail?: string };

export type Operations = {
  readonly registry: Registry;
  /** Called at each `/readyz`; rejecting or taking too long counts as not ready. */
  readonly ready: () => Promise<Readonly<Record<string, Check>>>;
};

/** `/healthz` (the process answers), `/readyz` (its needs are met) and `/metrics`, the same on every role. */
export function operations({ registry, ready }: Operations): Router {
  // Express is loaded here: commands that serve nothing load this module too.
  const express = load("express") as typeof import("express");
  const router = express.Router();
  router.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", async (_request, response) => {
    const checks = await withinDeadline(ready);
    const ok = Object.values(checks).every((check) => check.ok);
    response.status(ok ? 200 : 503).json({ status: ok ? "ready" : "not ready", checks });
  });
  router.get("/metrics", async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

async function withinDeadline(ready: Operations["ready"]): Promise<Readonly<Record<string, Check>>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Record<string, Check>>((resolve) => {
    const detail = `no answer within ${LIMITS.readinessDeadlineMs} ms`;
    timer = setTimeout(() => resolve({ readiness: { ok: false, detail } }), LIMITS.readinessDeadlineMs);
  });
  try {
    return await Promise.race([ready(), tooLate]);
  } catch (error) {
    return {
      readiness: { ok: false, detail: error instanceof Error ? error.message : String(error) },
    };
  } finally {
    clearTimeout(timer);
  }
}
