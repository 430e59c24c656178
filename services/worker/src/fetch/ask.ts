import { replyOf, withoutSecrets, type HttpClient, type Reply } from "@sluice/destination/http";
import { MAX_DOCUMENT_BYTES } from "./limits.ts";

export type FetchReply = { readonly reply: Reply; readonly bytes: Buffer };

/** One request and the whole of its answer. Credentials are cut out of an error's body: some pages repeat them. */
export async function ask(
  asking: HttpClient,
  url: string,
  {
    secrets,
    ...request
  }: {
    readonly method: "GET" | "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly secrets: readonly string[];
    readonly stop: AbortSignal;
  },
  nowMs: number,
): Promise<FetchReply> {
  // An answer that is longer than any document is cut off, and so can't be read as JSON.
  const answer = await asking.ask(url, { ...request, mostBytes: MAX_DOCUMENT_BYTES });
  const text = answer.bytes.toString("utf8");
  const isGood = answer.statusCode >= 200 && answer.statusCode < 300;
  const { pathname, search } = new URL(url);
  const asked = { method: request.method, path: `${pathname}${search}`, body: null };
  return { reply: replyOf(answer, isGood ? text : withoutSecrets(text, secrets), asked, nowMs), bytes: answer.bytes };
}
