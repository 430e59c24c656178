/**
 * Every way in which the operators' API says no: status, and what a person should do. One table; a test holds it against the
 * documentation.
 */
export const FAULTS = {
  query_invalid: { status: 400, hint: "The message names the parameter, and what it can be." },
  body_invalid: { status: 400, hint: "Send JSON as the API's document says: /openapi.json." },
  cursor_invalid: { status: 400, hint: "Begin the list anew, without its cursor." },
  unauthenticated: { status: 401, hint: "Send `Authorization: Bearer` with SLUICE_ADMIN_TOKEN, or sign in." },
  forbidden: { status: 403, hint: "This needs the role `operate`." },
  origin_refused: { status: 403, hint: "A page of another site asked: only Sluice's own may use the cookie." },
  route_unknown: { status: 404, hint: "/openapi.json lists what there is." },
  record_unknown: {
    status: 404,
    hint: "Objects and keys are told apart by every letter; `?by=name` takes the key for its name.",
  },
  event_unknown: {
    status: 404,
    hint: "It may be older than what is kept; `?event=` of /api/events searches by a sender's id.",
  },
  event_ambiguous: { status: 409, hint: "Take one of the refs: each is of one delivery." },
  dead_letter_unknown: { status: 404, hint: "It may have healed or been replayed meanwhile." },
  source_unknown: { status: 404, hint: "The configuration has no such source." },
  destination_unknown: { status: 404, hint: "The configuration has no such destination." },
  task_unknown: { status: 404, hint: "It was forgotten a day after it ended." },
  replay_unknown: { status: 404, hint: "It was forgotten a week after it was last touched: plan anew." },
  reconcile_unknown: { status: 404, hint: "It was forgotten a week after it was last touched: begin a new one." },
  issue_unknown: { status: 404, hint: "It was forgotten a week after it was resolved." },
  plan_stale: { status: 409, hint: "Its time is over, or it was carried out: plan anew." },
  act_conflict: { status: 409, hint: "Its state does not allow this now: the message says which it is." },
  edit_invalid: { status: 422, hint: "The message names what can't be edited so." },
  trial_invalid: { status: 422, hint: "Give a body, or a whole request as { headers, body }." },
  sign_in_paced: { status: 429, hint: "Wait a moment, and try again." },
  internal: { status: 500, hint: "This is a fault of Sluice's own; its log has the details." },
  queue_unavailable: { status: 503, hint: "Redis does not answer now: try again." },
  history_off: {
    status: 503,
    hint: "Name a Postgres as `history: { database: … }` or SLUICE_HISTORY_DATABASE_URL for the workers and the console, and take `history: false` out of the file.",
  },
  history_away: { status: 503, hint: "The live views and the flow go on: try again." },
  history_key_missing: {
    status: 503,
    hint: "Put that key back into `history.keys`, below the one that encrypts, until its days are dropped.",
  },
} as const satisfies Record<string, { status: number; hint: string }>;

export type FaultCode = keyof typeof FAULTS;

export class Fault extends Error {
  readonly code: FaultCode;
  readonly status: number;
  readonly hint: string;

  constructor(code: FaultCode, message: string, more: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "Fault";
    this.code = code;
    this.status = FAULTS[code].status;
    this.hint = more.hint ?? FAULTS[code].hint;
  }

  get body(): { readonly error: { readonly code: string; readonly message: string; readonly hint: string } } {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}
