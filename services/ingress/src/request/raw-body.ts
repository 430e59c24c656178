import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { BodyPart } from "./body-room.ts";
import { WebhookRefusal } from "../reply/refusal.ts";

const inflate = promisify(gunzip);

/**
 * Reads a request's body as the bytes that were signed, whatever its content type says: some senders
 * send none. The limit holds before reading, where the length is told, while reading, and for what
 * gzip unfolds to.
 *
 * Express's own reader is not used, because it reads a body that is too large to its very end before
 * it refuses the body.
 * @throws Refusal
 */
export async function readRawBody(request: IncomingMessage, limitBytes: number, room: BodyPart): Promise<Uint8Array> {
  const named = request.headers["content-encoding"]?.toLowerCase() || "identity";
  // `x-gzip` is an old name of gzip (RFC 9110, section 8.4.1.3).
  const encoding = named === "x-gzip" ? "gzip" : named;
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new WebhookRefusal("encoding_unsupported", `The body's Content-Encoding is ${encoding.slice(0, 40)}`);
  }
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const received = await collect(request, limitBytes, room);
  if (encoding === "identity") return received;
  try {
    const unfolded = await inflate(received, { maxOutputLength: limitBytes });
    room.hold(unfolded.length);
    return unfolded;
  } catch (cause) {
    if (cause instanceof WebhookRefusal) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limitBytes);
    throw new WebhookRefusal("body_unreadable", "The body is not gzip, as its Content-Encoding says", { cause });
  }
}

function collect(request: IncomingMessage, limitBytes: number, room: BodyPart): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (settle: () => void): void => {
      request.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      try {
        if (bytes > limitBytes) throw tooLarge(limitBytes);
        room.hold(chunk.length);
        chunks.push(chunk);
      } catch (refusal) {
        request.pause();
        stop(() => reject(refusal));
      }
    };
    const onEnd = (): void => stop(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)));
    const onCut = (cause?: unknown): void => {
      stop(() => reject(new WebhookRefusal("body_unreadable", "The body did not arrive whole", { cause })));
      // A connection that breaks once more has nobody left to tell.
      request.on("error", () => undefined);
    };
    request.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);
  });
}

function tooLarge(limitBytes: number): WebhookRefusal {
  return new WebhookRefusal("body_too_large", `The body is larger than ${limitBytes} bytes`);
}
