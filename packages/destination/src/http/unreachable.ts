import { DestinationUnreachableError } from "./destination-unreachable.ts";
import { PrivateAddressError } from "./public-addresses.ts";

/** Why there is no answer, in words that hold no header and so no secret. */
export function unreachable(
  error: unknown,
  { origin, timeoutMs, again }: { readonly origin: string; readonly timeoutMs: number; readonly again: boolean },
): DestinationUnreachableError {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  // The first of two tries may have been carried out.
  const mayHaveSent = again || !hadNoConnection(code);
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    const message = `${origin} did not take a connection within ${timeoutMs} ms`;
    return new DestinationUnreachableError(message, { code: "destination_timeout", mayHaveSent, cause: error });
  }
  if (error instanceof PrivateAddressError) {
    const message = `${origin} is not asked: ${error.message}`;
    return new DestinationUnreachableError(message, {
      code: "destination_unreachable",
      mayHaveSent: again,
      cause: error,
    });
  }
  const detail = typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
  const message = `${origin} can't be reached: ${detail}`;
  return new DestinationUnreachableError(message, { code: "destination_unreachable", mayHaveSent, cause: error });
}

/** The name, the address or the certificate was wrong, or nobody listens. */
function hadNoConnection(code: unknown): boolean {
  return typeof code === "string" && (NO_CONNECTION.has(code) || /^(ERR_TLS|CERT)_|SELF_SIGNED|UNABLE_TO_/.test(code));
}

const NO_CONNECTION: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

export function timedOut(origin: string, timeoutMs: number, cause?: unknown): DestinationUnreachableError {
  const message = `${origin} did not answer within ${timeoutMs} ms`;
  return new DestinationUnreachableError(message, { code: "destination_timeout", cause });
}
