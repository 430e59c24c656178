import { STATUS_CODES, maxHeaderSize } from "node:http";
import type { Duplex } from "node:stream";
import { LIMITS } from "./limits.ts";

type Answer = { readonly status: number; readonly code: string; readonly message: string; readonly hint: string };

/**
 * Says why to whoever sent what Node's parser could not read, or not in time, and ends the connection: no handler ever sees such
 * a request, and Node's own answer has a status and no body, which a client that reads JSON takes for another fault.
 * For a server's event `clientError`.
 */
export function answerUnreadRequest(error: NodeJS.ErrnoException & { reason?: string }, socket: Duplex): void {
  // Behind the start of another answer, this one would be read as a part of it.
  if (socket.writable && !hasBegun(socket)) socket.write(written(answerTo(error)));
  socket.destroy();
}

function answerTo({ code = "", reason }: NodeJS.ErrnoException & { reason?: string }): Answer {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return {
        status: 408,
        code: "request_timeout",
        message: `the request was not there in time: its headers have ${LIMITS.headersTimeoutMs / 1000} s from the opening of the connection, all of it has ${LIMITS.requestTimeoutMs / 1000} s`,
        hint: "Nothing of this request was acknowledged: send it again.",
      };
    case "HPE_HEADER_OVERFLOW":
      return {
        status: 431,
        code: "headers_too_large",
        message: `the request's headers have more than ${maxHeaderSize} bytes`,
        hint: "Send fewer or shorter headers.",
      };
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return {
        status: 413,
        code: "chunk_extensions_too_large",
        message: "the extensions of the body's chunks are too large",
        hint: "Send the body's chunks without extensions.",
      };
    default:
      return {
        status: 400,
        code: "request_unreadable",
        message: `this is no HTTP/1.1 request that can be read${reason === undefined ? "" : `: ${reason}`}`,
        hint: "Look at what is between the sender and this port: plain HTTP is spoken here, and TLS ends before it.",
      };
  }
}

function written({ status, code, message, hint }: Answer): string {
  const body = JSON.stringify({ error: { code, message, hint } });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}

/** Node's own answer looks at the same: the socket's answer under way, if there is one. */
function hasBegun(socket: Duplex & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}
