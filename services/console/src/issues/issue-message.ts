import { createHash } from "node:crypto";
import { findScheme, signRequest } from "@sluice/event";
import type { IssueWebhookConfiguration } from "@sluice/runtime";
import { timeOf } from "../live-state.ts";
import type { KeptIssue, IssueTransition } from "./life.ts";
import { shownIssue } from "./shown-issue.ts";

/** A turn in an issue's life, on its way to one receiver. */
export type IssueMessage = {
  /** The receiver, by `receiverId`. */
  readonly receiver: string;
  /** The `webhook-id`: the same at every try. */
  readonly id: string;
  readonly body: string;
};

/** A receiver by its address: its secret may be replaced. */
export function receiverId({ url }: Pick<IssueWebhookConfiguration, "url">): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 12);
}

/** The messages that are due: each turn that was not told, for each receiver that wants its kind. */
export function messagesOf(issue: KeptIssue, receivers: readonly IssueWebhookConfiguration[]): readonly IssueMessage[] {
  const shown = shownIssue(issue);
  // A receiver that fails is not told to receivers: the message could fail too, and so on.
  if (shown === null || issue.kind === "webhook_failing") return [];
  const wanting = receivers.filter(({ kinds }) => kinds === null || kinds.includes(issue.kind));
  const { life: _life, isSeen: _isSeen, lastSeenAt: _lastSeenAt, ...data } = shown;
  return issue.life
    .filter(({ isTold }) => !isTold)
    .flatMap((turn) => {
      const { atMs, what, by, reason } = turn;
      const body = JSON.stringify({ type: `issue.${what}`, timestamp: timeOf(atMs), data: { ...data, by, reason } });
      return wanting.map((receiver) => ({ receiver: receiverId(receiver), id: messageId(issue, turn), body }));
    });
}

function messageId({ id }: KeptIssue, { atMs, what }: IssueTransition): string {
  return `msg_${id}_${what}_${atMs}`;
}

/** The headers of a message as Standard Webhooks signs it, at the time of a try. */
export function signedHeaders(
  { id, body }: IssueMessage,
  secret: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const scheme = findScheme("standard-webhooks")!;
  const headers = new Map([
    ["webhook-id", [id]],
    ["content-type", ["application/json"]],
  ]);
  const signed = signRequest(
    scheme,
    { method: "POST", url: "/", path: "/", headers, body: Buffer.from(body) },
    secret,
    nowMs,
  );
  return Object.fromEntries([...signed.headers].map(([name, values]) => [name, values.join(", ")]));
}
