import { keepWithIds, UnsignableError, type KeptWebhook, type WebhookRequest } from "@sluice/event";
import type { SourceConfiguration } from "@sluice/runtime";
import { requestOf, unsignedRequest, type TrialRequestOptions } from "./sender-request.ts";

/** A webhook that an operator sends in its sender's place, as the door would write it down, and the ids of its events. */
export type Sending = { readonly kept: KeptWebhook; readonly ids: readonly string[] };

/**
 * A request as its sender would have made it: signing may add an id or a time. A scheme whose senders alone can sign does without.
 * @throws SluiceError `type_unwritable`, UnreadableBodyError
 */
export function sendingOf(source: SourceConfiguration, options: TrialRequestOptions): Sending {
  return keepWithIds(source.scheme, signedIfPossible(source, options));
}

function signedIfPossible(source: SourceConfiguration, options: TrialRequestOptions): WebhookRequest {
  try {
    return requestOf(source, options);
  } catch (error) {
    if (!(error instanceof UnsignableError)) throw error;
    return unsignedRequest(source, options);
  }
}
