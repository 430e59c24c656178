import express, { type Request, type RequestHandler, type Response, type NextFunction } from "express";
import { LIMITS } from "./limits.ts";

/**
 * Reads a body into `request.body`, a Buffer, whatever its type says: a body is read as JSON, and only where one is wanted.
 * Without a body `request.body` stays as it is. A body that is too long is a 413.
 */
export const apiBody: RequestHandler = (request, response, next) => {
  const isOfJob = /\/jobs\/?$/i.test(request.path);
  (isOfJob ? readJobBody : readRequestBody)(request, response, next);
};

export const readTokenBody: RequestHandler = bodyOfAtMost(LIMITS.tokenRequestBytes);
const readRequestBody = bodyOfAtMost(LIMITS.requestBodyBytes);
const readJobBody = bodyOfAtMost(LIMITS.jobBodyBytes);

function bodyOfAtMost(limit: number): RequestHandler {
  const readAny = express.raw({ type: () => true, limit });
  return (request, response, next) => {
    const length = Number(request.headers["content-length"]);
    // Nearly all bodies are plain ones, and Express' reader costs several times as much for what it knows beyond them.
    const isPlain = length <= limit && request.headers["content-encoding"] === undefined;
    (isPlain ? readPlain : readAny)(request, response, next);
  };
}

/** A body whose length is known and that is not compressed. */
function readPlain(request: Request, _response: Response, next: NextFunction): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => void chunks.push(chunk));
  request.once("end", () => {
    request.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    next();
  });
  // The caller has gone: nobody is answered, and nothing went wrong here.
  request.once("error", (error) => next(Object.assign(error, { status: 400 })));
}
