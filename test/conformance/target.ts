import { NotApplicable } from "./check.ts";

/** The address of the API and the credentials for it. */
export type TargetOptions = {
  /** The host: `https://acme.zendesk.com`, `http://127.0.0.1:8090`. */
  readonly url: string;
  /** A bearer token, or `email/token:token`, of an admin, who may define objects. */
  readonly auth: string;
  /** The credentials of an agent, who may not define objects. */
  readonly agentAuth?: string | undefined;
  /** Lets time pass for the API: really, or by moving its clock. Undefined: nobody waits that long. */
  readonly passTime?: ((ms: number) => Promise<void>) | undefined;
};

export type Answer = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; undefined where it is not JSON. */
  readonly body: Body | undefined;
};
/** An answer's JSON before a check has looked at it. */
export type Body = Readonly<Record<string, unknown>>;

export type Ask = (path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
export type Api = Readonly<Record<"get" | "post" | "patch" | "put" | "delete", Ask>>;

const PATIENCE = { throttled: 5, requestMs: 60_000, longestWaitMs: 65_000 };

export type Target = {
  readonly options: TargetOptions;
  readonly api: Api;
  /** The API with another Authorization header, or none. */
  as(authorization: string | undefined): Api;
};

/** Speaks HTTP to the tried API. A 429 is waited out: it says nothing about the contract. */
export function target(options: TargetOptions): Target {
  const origin = options.url.replace(/\/+$/, "").replace(/\/api\/v2$/, "");
  const as = (authorization: string | undefined): Api => {
    const ask =
      (method: string): Ask =>
      async (path, body, headers = {}) => {
        const where = path.startsWith("/") ? origin + path : `${origin}/api/v2/${path}`;
        for (let attempt = 1; ; attempt += 1) {
          const response = await fetch(where, {
            method,
            headers: {
              ...(authorization === undefined ? {} : { Authorization: authorization }),
              ...(body === undefined ? {} : { "Content-Type": "application/json" }),
              ...headers,
            },
            ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
            redirect: "manual",
            signal: AbortSignal.timeout(PATIENCE.requestMs),
          });
          const text = await response.text();
          const waitMs = Number(response.headers.get("retry-after")) * 1000;
          if (response.status === 429 && !text.includes("TooManyJobs") && attempt <= PATIENCE.throttled && waitMs > 0) {
            await new Promise((resume) => setTimeout(resume, Math.min(waitMs, PATIENCE.longestWaitMs)));
            continue;
          }
          return { method, path, status: response.status, headers: response.headers, text, body: parse(text) };
        }
      };
    return { get: ask("GET"), post: ask("POST"), patch: ask("PATCH"), put: ask("PUT"), delete: ask("DELETE") };
  };
  return { options, api: as(authorizationOf(options.auth)), as };
}

/** `Basic …` for `email/token:token`, otherwise `Bearer …`. */
export function authorizationOf(auth: string): string {
  if (!/^[^\s:]+@[^\s:]+\/token:/.test(auth)) return `Bearer ${auth}`;
  return `Basic ${Buffer.from(auth).toString("base64")}`;
}

/** The agent's credential, where there is one. */
export function agentOf({ options, as }: Target): Api {
  if (options.agentAuth === undefined) throw new NotApplicable("needs --agent-auth");
  return as(authorizationOf(options.agentAuth));
}

function parse(text: string): Body | undefined {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return undefined;
  }
}
