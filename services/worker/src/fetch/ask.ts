import { replyOf, withoutSecrets, type Reply } from "@sluice/destination/http";
import { MAX_DOCUMENT_BYTES } from "./limits.ts";

export type Answered = { readonly reply: Reply; readonly bytes: Buffer };

/** One request and the whole of its answer. Of an error's body the credentials are cut out: some pages repeat them. */
export async function ask(
  url: string,
  {
    secrets,
    stop,
    ...request
  }: {
    readonly method: "GET" | "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly secrets: readonly string[];
    readonly stop: AbortSignal;
  },
  nowMs: number,
): Promise<Answered> {
  const response = await fetch(url, { ...request, redirect: "manual", signal: stop });
  const bytes = await readBody(response);
  const text = bytes.toString("utf8");
  const shown = response.ok ? text : withoutSecrets(text, secrets);
  const { pathname, search } = new URL(url);
  const asked = { method: request.method, path: `${pathname}${search}`, body: null };
  const answer = { statusCode: response.status, headers: Object.fromEntries(response.headers) };
  return { reply: replyOf(answer, shown, asked, nowMs), bytes };
}

/** What is longer than any document is cut off, and so can't be read as JSON. */
async function readBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop lets go of the connection.
    if (bytes > MAX_DOCUMENT_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_DOCUMENT_BYTES);
}
