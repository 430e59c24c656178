import type { Handshake, Scheme } from "../scheme.ts";
import { ORDINARY_EVENT, ORDINARY_LIMITS, ORDINARY_REPLY } from "./ordinary.ts";

/** Handshakes by themselves, for an endpoint that only has to answer one. No delivery is ever authentic. */
export const HANDSHAKES: ReadonlyMap<string, Scheme> = new Map(
  Object.entries({
    "handshake-cloudevents-options": { kind: "cloudevents-options" },
    "handshake-validation-token": { kind: "query-echo", param: "validationToken", as: "text/plain" },
    "handshake-adobe-challenge": { kind: "query-echo-json", param: "challenge", as: "application/json" },
    "handshake-json-challenge": { kind: "json-echo", field: "challenge" },
    "handshake-eventgrid-validation": { kind: "eventgrid-validation" },
    "handshake-asana": { kind: "header-echo", header: "x-hook-secret" },
    "handshake-head": { kind: "head" },
    "handshake-woocommerce-ping": { kind: "form-ping", pattern: "^webhook_id=\\d+$" },
  } satisfies Record<string, Handshake>).map(([name, handshake]) => [
    name,
    {
      name,
      title: `Handshake alone: ${handshake.kind}`,
      check: { type: "none" },
      handshakes: [handshake],
      event: ORDINARY_EVENT,
      reply: ORDINARY_REPLY,
      limits: ORDINARY_LIMITS,
    },
  ]),
);
