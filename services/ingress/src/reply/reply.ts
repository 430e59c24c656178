import type { Request, Response } from "express";
import type { Greeting, SenderReply, ReplyProfile } from "@sluice/event";
import type { WebhookRefusal } from "./refusal.ts";
import type { Report } from "./report.ts";

/** Answers a stored webhook: 202 with the report, or the answer that the sender insists on. */
export function answerReport(response: Response, profile: ReplyProfile, report: Report): void {
  const isRepetition =
    report.duplicates !== undefined && report.duplicates > 0 && report.duplicates === report.events.length;
  const reply = isRepetition ? (profile.duplicate ?? profile.success) : profile.success;
  answer(response, reply, 202, report);
}

/** Answers a handshake: exactly these headers, this body. */
export function answerGreeting(response: Response, { status, headers, body }: Greeting): void {
  response.status(status);
  // The body is the caller's own text, given back: no browser may take it for a page.
  response.setHeader("X-Content-Type-Options", "nosniff");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}

/** Answers a refused request, in the way that keeps the sender's subscription alive. */
export function answerRefusal(
  request: Request,
  response: Response,
  profile: ReplyProfile,
  refusal: WebhookRefusal,
): void {
  const { overload } = profile;
  const isOverload = refusal.status === 503;
  if (refusal.retryAfterSeconds !== undefined) {
    const factor = overload?.retryAfter === "milliseconds" ? 1_000 : 1;
    response.setHeader("Retry-After", String(refusal.retryAfterSeconds * factor));
  }
  // An unread rest of the request stays unread after the refusal; a stopping process lets go of its connections.
  if (!request.complete || refusal.code === "shutting_down") response.setHeader("Connection", "close");
  const status = isOverload && overload !== undefined ? overload.status : refusal.status;
  answer(response, replyTo(profile, refusal), status, refusal.body);
}

function replyTo(profile: ReplyProfile, { code, status }: WebhookRefusal): SenderReply | undefined {
  if (code === "not_authentic") return profile.notAuthentic ?? profile.refused;
  if (code === "body_unreadable") return profile.unreadable ?? profile.refused;
  // Too fast is no fault of the request: every sender that reads a 429 at all comes back.
  return status >= 400 && status < 500 && status !== 429 ? profile.refused : undefined;
}

function answer(response: Response, reply: SenderReply | undefined, status: number, report: object): void {
  const body = reply?.body ?? "report";
  if (body === "report") {
    // Express' own `json` looks at the request and the application's settings each time.
    const text = JSON.stringify(report);
    const length = String(Buffer.byteLength(text));
    const headers = ["Content-Type", "application/json; charset=utf-8", "Content-Length", length];
    response.writeHead(reply?.status ?? status, headers).end(text);
    return;
  }
  response.status(reply?.status ?? status);
  if (body === "none") {
    response.end();
    return;
  }
  // Express would add a charset to some types; senders compare.
  response.setHeader("Content-Type", body.type);
  response.end(body.text);
}
