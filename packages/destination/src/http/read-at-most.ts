import type { Dispatcher } from "undici";

/**
 * Reads an answer to its end, so that the connection can be used again; a longer one is cut off. undici's `maxResponseSize` ends such an
 * answer with an error, and its status and its first words say what went wrong.
 */
export async function readAtMost(body: Dispatcher.ResponseData["body"], mostBytes: number): Promise<Buffer> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    kept.push(chunk.subarray(0, mostBytes - bytes));
    bytes += chunk.length;
    // Leaving the loop destroys the body and its connection.
    if (bytes > mostBytes) break;
  }
  return Buffer.concat(kept);
}
