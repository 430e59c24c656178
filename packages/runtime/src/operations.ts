import { createHash, timingSafeEqual } from "node:crypto";
import { createRequire } from "node:module";
import type { Request, Router } from "express";
import type { Registry } from "prom-client";
import { LIMITS } from "./limits.ts";

const load = createRequire(import.meta.url);

/** One thing that a role needs, and whether it is there. */
export type ReadinessCheck = { readonly ok: boolean; readonly detail?: string };

export type Operations = {
  /** The bearer token (`SLUICE_METRICS_TOKEN`) that `/metrics`, and the reasons at `/readyz`, are for; without one they are for everybody. */
  readonly token?: string | undefined;
  readonly registry: Registry;
  /** Called at each `/readyz`; rejecting or taking too long counts as not ready. */
  readonly ready: () => Promise<Readonly<Record<string, ReadinessCheck>>>;
};

/** `/healthz` (the process answers), `/readyz` (its needs are met) and `/metrics`, the same on every role. */
export function operations({ registry, ready, token }: Operations): Router {
  // Express is loaded here: commands that serve nothing load this module too.
  const express = load("express") as typeof import("express");
  const router = express.Router();
  router.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/readyz", async (request, response) => {
    const checks = await withinDeadline(ready);
    const ok = Object.values(checks).every((check) => check.ok);
    // A load balancer needs the status, and no more.
    const reasons = mayKnow(request, token) ? { checks } : {};
    response.status(ok ? 200 : 503).json({ status: ok ? "ready" : "not ready", ...reasons });
  });
  router.get("/metrics", async (request, response) => {
    if (!mayKnow(request, token)) {
      const error = {
        code: "token_required",
        message: "Metrics are for who has the token",
        hint: "Send SLUICE_METRICS_TOKEN as `Authorization: Bearer …`.",
      };
      response.status(401).set("WWW-Authenticate", 'Bearer realm="sluice metrics"').json({ error });
      return;
    }
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

function mayKnow(request: Request, token: string | undefined): boolean {
  if (token === undefined) return true;
  const [, given = ""] = /^bearer +(\S+)$/i.exec(request.get("authorization")?.trim() ?? "") ?? [];
  // Digests are of one length, and the time of their comparison says nothing about the token.
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

async function withinDeadline(ready: Operations["ready"]): Promise<Readonly<Record<string, ReadinessCheck>>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Record<string, ReadinessCheck>>((resolve) => {
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
