import { readFileSync } from "node:fs";
import { findSender, signRequest, type Sender, type WebhookRequest } from "@sluice/event";
import { SluiceError, type SourceConfiguration } from "@sluice/runtime";

/** A request written out: what `--file` may hold instead of a body alone. */
type WrittenRequest = {
  readonly method?: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

export type RequestOptions = {
  /** Where it is sent, without a query. */
  readonly url: string;
  /** A body, or a request as `{ headers, body }`; without it the sender's sample. */
  readonly file?: string | undefined;
  readonly nowMs: number;
};

/**
 * A request as the source's sender makes it, signed with the first of the source's secrets.
 * @throws SluiceError `file_unreadable`, UnsignableError
 */
export function requestOf(source: SourceConfiguration, options: RequestOptions): WebhookRequest {
  const unsigned = unsignedRequest(source, options);
  return signRequest(source.scheme, unsigned, source.secrets[0]!.value, options.nowMs);
}

/** The same before it is signed; a request that is written out may carry its own signature. */
export function unsignedRequest(source: SourceConfiguration, { url, file }: RequestOptions): WebhookRequest {
  const { method, query = "", headers, body } = written(source, file);
  const registered = source.publicUrl ?? url;
  const [base = ""] = registered.split("?");
  return {
    method: method ?? source.scheme.limits.methods[0] ?? "POST",
    url: `${base}${query}`,
    path: new URL(base).pathname,
    query: query.replace(/^\?/, ""),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
    body: bytesOf(body),
  };
}

/** Whether the file holds a whole request, headers and all, rather than a body. */
export function isWholeRequest(file: string | undefined): boolean {
  return file !== undefined && wholeRequest(readText(file)) !== undefined;
}

function written(source: SourceConfiguration, file: string | undefined): WrittenRequest {
  const sample = findSender(source.scheme.name)?.sample ?? PLAIN;
  if (file === undefined) return sample;
  const text = readText(file);
  return wholeRequest(text) ?? { ...sample, body: text };
}

const PLAIN: Sender["sample"] = { headers: { "content-type": "application/json" }, body: {} };

function wholeRequest(text: string): WrittenRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isRequest =
    typeof value === "object" &&
    value !== null &&
    "headers" in value &&
    "body" in value &&
    Object.keys(value).length <= 6;
  return isRequest ? (value as WrittenRequest) : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SluiceError(`${file} can't be read`, {
      code: "file_unreadable",
      hint: "name a file with a body, or with a request as { headers, body }",
      cause: error,
    });
  }
}

function bytesOf(body: unknown): Buffer {
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
