import type { WebhookRequest } from "./request.ts";
import type { Sender } from "./sender.ts";

/** A sender's sample as a request, not yet signed. */
export function sampleRequest({ sample, name }: Sender): WebhookRequest {
  const path = `/webhooks/${name}`;
  const body = typeof sample.body === "string" ? sample.body : JSON.stringify(sample.body);
  return {
    method: sample.method ?? "POST",
    url: `https://in.example.com${path}${sample.query ?? ""}`,
    path,
    headers: new Map(Object.entries(sample.headers).map(([header, value]) => [header, [value]])),
    body: Buffer.from(body),
  };
}
