import express, { type Request, type RequestHandler, type Response } from "express";
import { Refusal } from "./refusal.ts";

/**
 * Reads a request's body as the bytes that were signed, whatever its content type says: some senders
 * send none. The limit holds before reading, where the length is told, and for what gzip unfolds to.
 * @throws Refusal
 */
export type ReadBody = (request: Request, response: Response) => Promise<Uint8Array>;

export function createReadBody(limitBytes: number): ReadBody {
  const parse: RequestHandler = express.raw({ type: () => true, limit: limitBytes, inflate: true });
  return async (request, response) => {
    const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
    if (encoding !== "identity" && encoding !== "gzip") {
      throw new Refusal("encoding_unsupported", `The body's Content-Encoding is ${encoding.slice(0, 40)}`);
    }
    await new Promise<void>((resolve, reject) => {
      parse(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(refusalOf(error, limitBytes));
      });
    });
    const body: unknown = request.body;
    // A request without a body leaves no buffer behind.
    return body instanceof Uint8Array ? body : new Uint8Array();
  };
}

function refusalOf(cause: unknown, limitBytes: number): Refusal {
  const { type, status } = cause as { type?: string; status?: number };
  if (type === "entity.too.large" || status === 413) {
    return new Refusal("body_too_large", `The body is larger than ${limitBytes} bytes`, { cause });
  }
  if (type === "encoding.unsupported")
    return new Refusal("encoding_unsupported", "The body's encoding is not supported", { cause });
  return new Refusal("body_unreadable", "The body did not arrive whole, or is not what its encoding says", { cause });
}
