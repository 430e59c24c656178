import type { ErrorRequestHandler, RequestHandler } from "express";
import type { Log } from "@sluice/runtime";
import { Fault } from "./fault.ts";

/** The headers of every answer: no cache between may keep data of customers. */
export const noStoreHeaders: RequestHandler = (_request, response, next) => {
  response.set({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" });
  next();
};

export const noSuchRoute: RequestHandler = (request) => {
  throw new Fault("route_unknown", `there is no ${request.method} ${request.path}`);
};

/** Turns every error that was thrown into the one envelope. */
export function faults(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const fault = faultOf(error);
    if (fault.status >= 500) {
      log.error({ err: error, method: request.method, path: request.path }, "request failed");
    }
    if (fault.status === 503) response.set("Retry-After", "1");
    if (fault.status === 401) response.set("WWW-Authenticate", "Bearer");
    response.status(fault.status).json(fault.body);
  };
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // An error of Express or its body reader carries the status that it stands for.
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  if (typeof status === "number" && status >= 400 && status < 500) {
    return new Fault("body_invalid", error instanceof Error ? error.message : "the body can't be read", {
      cause: error,
    });
  }
  return new Fault("internal", "the request failed", { cause: error });
}
