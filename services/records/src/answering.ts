import { hash, randomUUID } from "node:crypto";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import type { Log } from "@sluice/runtime";
import { ANSWERS, answerAt, RULINGS, Refusal, type RefusalAnswer } from "@sluice/zendesk";
import { refusalOfDatabaseError } from "./database-error.ts";

/** The headers that every answer of the API has (§2). */
export const commonHeaders: RequestHandler = (_request, response, next) => {
  const id = randomUUID();
  for (const [name, value] of SAME_FOR_ALL) response.setHeader(name, value);
  response.setHeader("X-Request-Id", id);
  response.setHeader("X-Zendesk-Request-Id", id);
  next();
};

const SAME_FOR_ALL = [
  ["X-Zendesk-API-Version", "v2"],
  ["Cache-Control", "max-age=0, private, must-revalidate"],
  ["X-Rate-Limit", String(RULINGS.unlimitedRequestsPerMinute)],
  ["X-Rate-Limit-Remaining", String(RULINGS.unlimitedRequestsPerMinute - 1)],
] as const;

/**
 * Answers a write as `response.json` would. One text for head and body is one write to the socket. The comparison of ETags, for
 * callers that have that very answer already, is left to reads.
 */
export function answerJson(response: Response, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.setHeader("ETag", `W/"${text.length.toString(16)}-${hash("sha1", text, "base64").slice(0, 27)}"`);
  response.end(text);
}

/** Every path answers with `.json` behind it too. */
export const withoutJsonSuffix: RequestHandler = (request, _response, next) => {
  request.url = request.url.replace(/\.json(?=$|\?)/, "");
  next();
};

/** A path or method that is not part of the API. */
export const noSuchEndpoint: RequestHandler = () => {
  throw new Refusal(ANSWERS.invalidEndpoint());
};

/** Turns whatever was thrown into one of the contract's envelopes. */
export function refusals(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const answer = answerAt(request.originalUrl, answerOf(error));
    if (answer.status >= 500) log.error({ err: error, method: request.method, path: request.path }, "request failed");
    if (answer.retryAfterSeconds !== undefined) response.set("Retry-After", String(answer.retryAfterSeconds));
    response.status(answer.status).json(answer.body);
  };
}

function answerOf(error: unknown): RefusalAnswer {
  if (error instanceof Refusal) return error.answer;
  const refusal = refusalOfDatabaseError(error);
  if (refusal !== undefined) return refusal.answer;
  // Errors of Express and of its body reader carry the status that they stand for.
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  if (status === 413) return ANSWERS.bodyTooLarge();
  if (typeof status === "number" && status >= 400 && status < 500) {
    return { ...ANSWERS.invalidParameter("The request can't be read"), status };
  }
  return ANSWERS.internal();
}
