import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import OpenIdProvider, { type Configuration } from "oidc-provider";
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createLog, listen, systemClock, type OidcConfiguration } from "@sluice/runtime";
import { createConsoleApp } from "../app.ts";
import { OPERATIONS } from "../api/operations.ts";
import { LIMITS } from "../limits.ts";
import { personOf } from "./provider.ts";

const CLIENT = { client_id: "sluice", client_secret: "a-secret-that-both-know" };
const GROUPS: Readonly<Record<string, readonly string[]>> = { ada: ["platform"], bob: ["support"], eve: ["guests"] };

let signsIn = "ada";
let clockMs: number | null = null;
beforeAll(() => {
  // The provider warns that it is not set up for a company.
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue();
});
afterEach(() => {
  signsIn = "ada";
  clockMs = null;
});

/** A real OpenID provider that signs in whom the test says, without asking for a password. */
async function startProvider(redirectUri: string, claimsInToken = true): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings: Configuration = {
    clients: [
      { ...CLIENT, redirect_uris: [redirectUri], response_types: ["code"], grant_types: ["authorization_code"] },
    ],
    claims: { openid: ["sub"], email: ["email"], profile: ["groups"] },
    conformIdTokenClaims: !claimsInToken,
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, groups: [...(GROUPS[id] ?? [])] }),
    }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: CLIENT.client_id, accountId: oidc.session!.accountId! });
      grant.addOIDCScope("openid profile email");
      await grant.save();
      return grant;
    },
    cookies: { keys: ["only-for-this-test"] },
  };
  const provider = new OpenIdProvider(issuer, settings);
  const signIn = provider.callback();
  server.on("request", (request, response) => {
    const isAsked = request.url?.startsWith("/interaction/") === true;
    void (isAsked
      ? provider.interactionFinished(request, response, { login: { accountId: signsIn } })
      : signIn(request, response));
  });
  return issuer;
}

/** Two consoles at one address, which take requests in turn and send people to a provider; and the provider. */
type Both = { readonly claimsInToken?: boolean; readonly oidc?: Partial<OidcConfiguration>; readonly issuer?: string };

async function startBoth({ claimsInToken = true, oidc = {}, issuer = "" }: Both = {}) {
  const log = createLog({ role: "console", level: "silent" });
  const consoles: ReturnType<typeof createConsoleApp>[] = [];
  let turn = 0;
  const listening = await listen((request, response) => consoles[turn++ % consoles.length]!(request, response), {
    role: "console",
    port: 0,
    host: "127.0.0.1",
  });
  onTestFinished(async () => await listening.close(1000));
  const providerUrl = issuer === "" ? await startProvider(`${listening.url}/sign-in/callback`, claimsInToken) : issuer;
  const settings: OidcConfiguration = {
    issuer: providerUrl,
    clientId: CLIENT.client_id,
    clientSecret: CLIENT.client_secret,
    scopes: "openid profile email",
    claim: "groups",
    operate: ["platform"],
    read: ["support"],
    ...oidc,
  };
  const options = {
    tokens: [{ token: "operator-token", role: "operate", name: null }],
    signIn: { publicUrl: listening.url, oidc: settings },
    clock: { nowMs: () => clockMs ?? systemClock.nowMs() },
    log,
    surroundings: () => ({ version: "0.1.0", hasHistory: false, sources: [], destinations: [] }),
    routes: Object.values(OPERATIONS).map((operation) => ({ operation, handle: async () => ({}) })),
  } as const;
  consoles.push(createConsoleApp(options), createConsoleApp(options));
  return listening.url;
}

/** A browser that follows redirects and keeps cookies by host and port. */
function openBrowser() {
  const jar = new Map<string, Map<string, string>>();
  const cookiesOf = (url: string): Map<string, string> => {
    const { origin } = new URL(url);
    return jar.get(origin) ?? jar.set(origin, new Map()).get(origin)!;
  };
  const get = async (url: string): Promise<Response> => {
    const cookie = [...cookiesOf(url)].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { redirect: "manual", headers: { cookie, accept: "text/html" } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set)!;
      if (value === "" || /Max-Age=0\b/i.test(set)) cookiesOf(url).delete(name);
      else cookiesOf(url).set(name, value);
    }
    return answer;
  };
  /** Follows redirects, up to the first that leads to an address that fits. */
  const follow = async (first: string, until = /^$/): Promise<{ readonly url: string; readonly answer: Response }> => {
    let url = first;
    for (let hops = 0; hops < 12; hops += 1) {
      const answer = await get(url);
      const to = answer.headers.get("location");
      if (to === null) return { url, answer };
      url = new URL(to, url).href;
      if (until.test(url)) return { url, answer };
    }
    throw new Error("redirects without end");
  };
  return { get, follow, cookiesOf };
}

const session = async (
  browser: ReturnType<typeof openBrowser>,
  url: string,
): Promise<{ status: number; body: never }> => {
  const answer = await browser.get(`${url}/api/session`);
  return { status: answer.status, body: (await answer.json()) as never };
};

test.each([
  ["ada", "in the token", "operate", true],
  ["bob", "in the token", "read", true],
  ["ada", "told on request", "operate", false],
] as const)("%s, whose groups are %s, signs in and may %s", async (who, _where, role, claimsInToken) => {
  const url = await startBoth({ claimsInToken });
  signsIn = who;
  const browser = openBrowser();
  const { url: landed } = await browser.follow(
    `${url}/sign-in?to=${encodeURIComponent("/records?destination=crm")}`,
    /\/records/,
  );
  expect(landed).toBe(`${url}/records?destination=crm`);
  expect([...browser.cookiesOf(url).keys()]).toEqual(["sluice_session"]);
  const { status, body } = await session(browser, url);
  expect([status, body]).toMatchObject([200, { role, name: `${who}@example.com` }]);
});

test("a page learns where else one may sign in", async () => {
  const url = await startBoth();
  const { provider } = (await (await fetch(`${url}/api/session/ways`)).json()) as { provider: string };
  expect(provider).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("whoever has no role gets none, and is told why", async () => {
  const url = await startBoth();
  signsIn = "eve";
  const browser = openBrowser();
  const { answer } = await browser.follow(`${url}/sign-in`);
  expect(answer.status).toBe(403);
  expect(await answer.text()).toMatch(/eve@example\.com may not see this Sluice: "groups" is \["guests"\]/);
  expect((await session(browser, url)).status).toBe(401);
});

test("nobody is signed in by an answer that another browser got, by one of long ago, or by one that was changed", async () => {
  const url = await startBoth();
  const [mine, other] = [openBrowser(), openBrowser()];
  const callback = /\/sign-in\/callback/;
  const { url: answered } = await mine.follow(`${url}/sign-in`, callback);
  const refused = async (browser: typeof mine, address: string): Promise<number> => {
    const { status } = await browser.get(address);
    expect((await session(browser, url)).status).toBe(401);
    return status;
  };
  expect(await refused(other, answered)).toBe(403);
  await other.follow(`${url}/sign-in`, callback);
  expect(await refused(other, answered)).toBe(403);
  expect(await refused(mine, answered.replace(/code=[^&]+/, "code=made-up"))).toBe(403);
  const cookies = mine.cookiesOf(url);
  const kept = cookies.get("sluice_sign_in")!;
  cookies.set(
    "sluice_sign_in",
    kept.replace(/^./, (first) => (first === "e" ? "f" : "e")),
  );
  expect(await refused(mine, answered)).toBe(403);
  cookies.set("sluice_sign_in", kept);
  clockMs = Date.now() + LIMITS.visitMs;
  expect(await refused(mine, answered)).toBe(403);
});

test("a session is good for the person and the time that it was made for, and ends with the client's secret", async () => {
  const url = await startBoth();
  signsIn = "bob";
  const browser = openBrowser();
  await browser.follow(`${url}/sign-in`, new RegExp(`^${url}/$`));
  const cookies = browser.cookiesOf(url);
  const [until = "", signature = "", person = ""] = cookies.get("sluice_session")!.split(".");
  const asOperator = Buffer.from(JSON.stringify({ role: "operate", name: "bob@example.com" })).toString("base64url");
  for (const forged of [
    `${until}.${signature}.${asOperator}`,
    `${Number(until) + 1}.${signature}.${person}`,
    `${until}.${signature}`,
  ]) {
    cookies.set("sluice_session", forged);
    expect((await session(browser, url)).status).toBe(401);
  }
  cookies.set("sluice_session", `${until}.${signature}.${person}`);
  expect((await session(browser, url)).status).toBe(200);
  clockMs = Number(until);
  expect((await session(browser, url)).status).toBe(401);
  clockMs = null;

  const elsewhere = await startBoth({ oidc: { clientSecret: "another-secret" } });
  const answer = await fetch(`${elsewhere}/api/session`, {
    headers: { cookie: `sluice_session=${until}.${signature}.${person}` },
  });
  expect(answer.status).toBe(401);
});

test.each(["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])(
  "a person is sent back to this page, not to %s",
  async (to) => {
    const url = await startBoth();
    const browser = openBrowser();
    await browser.follow(`${url}/sign-in?to=${encodeURIComponent(to)}`, /\/sign-in\/callback/);
    const { url: callback } = await browser.follow(
      `${url}/sign-in?to=${encodeURIComponent(to)}`,
      /\/sign-in\/callback/,
    );
    expect((await browser.get(callback)).headers.get("location")).toBe("/");
  },
);

test("a provider that does not answer is told as that, and asked again at the next visit", async () => {
  const url = await startBoth({ issuer: "http://127.0.0.1:1" });
  for (const _ of [1, 2]) {
    const answer = await fetch(`${url}/sign-in`, { redirect: "manual" });
    expect(answer.status).toBe(502);
    expect(await answer.text()).toMatch(/127\.0\.0\.1:1 does not tell how to sign in there/);
  }
});

test.each([
  [{ groups: "platform" }, "operate"],
  [{ groups: ["support", "platform"] }, "operate"],
  [{ groups: [1, "support"] }, "read"],
] as const)("the claim %j means %s", (claims, role) => {
  const { role: found } = personOf(
    { sub: "s", ...claims },
    { claim: "groups", operate: ["platform"], read: ["support"] },
  );
  expect(found).toBe(role);
});

test("`*` is everybody whom the provider knows, and a name is taken from what it tells", () => {
  const rules = { claim: "groups", operate: [], read: ["*"] };
  expect(personOf({ sub: "s-1" }, rules)).toEqual({ name: "s-1", role: "read" });
  expect(personOf({ sub: "s-1", email: "", name: "Ada" }, rules)).toEqual({ name: "Ada", role: "read" });
  const claimed = { sub: "s-1", email: "ada@example.com", email_verified: false };
  expect(personOf(claimed, rules)).toEqual({ name: "s-1", role: "read" });
});
