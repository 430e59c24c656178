import { expect, test } from "vitest";
import { ConfigurationError, type ConfigurationFault } from "../fault.ts";
import { readConfiguration } from "../load.ts";

const SECRET = "s3cret-s3cret-s3";

type Oidc = { readonly issuer?: string; readonly secret?: string; readonly who?: string };

function read({ issuer = "https://login.example.com", secret = SECRET, who = ', read: ["*"]' }: Oidc) {
  const oidc = `{ issuer: "${issuer}", client_id: sluice, client_secret: "${secret}"${who} }`;
  const text = `
sources:
  erp: { scheme: generic-hmac, secrets: [hush-hush-hush-hush], records: [] }
destinations:
  crm: { kind: zendesk, url: http://127.0.0.1:8090, auth: { bearer: token } }
console:
  public_url: https://sluice.example.com
  oidc: ${oidc}
`;
  return readConfiguration(text, { path: "sluice.yaml", env: {} }).console;
}

function faultsOf(oidc: Oidc): readonly ConfigurationFault[] {
  try {
    read(oidc);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

test("people sign in at a provider over https, and somebody must be allowed something", () => {
  expect(read({ who: ", operate: [platform]" })).toEqual({
    publicUrl: "https://sluice.example.com",
    oidc: {
      issuer: "https://login.example.com",
      clientId: "sluice",
      clientSecret: SECRET,
      scopes: "openid profile email",
      claim: "groups",
      operate: ["platform"],
      read: [],
    },
  });
  expect(faultsOf({ who: "" })).toMatchObject([{ place: "console.oidc", message: expect.stringMatching(/operate/) }]);
  expect(faultsOf({ issuer: "http://login.example.com" })).toMatchObject([{ place: "console.oidc.issuer" }]);
  expect(read({ issuer: "http://127.0.0.1:8081" })?.oidc.read).toEqual(["*"]);
});

test("a client's secret that can be guessed is refused, and the fault does not repeat it", () => {
  for (const secret of ["", "x", SECRET.slice(1)]) expect(faultsOf({ secret })).toHaveLength(1);
  const faults = faultsOf({ secret: SECRET.slice(1) });
  const message = expect.stringMatching(/at least 16 characters.*sessions.*new one$/);
  expect(faults).toMatchObject([{ place: "console.oidc.client_secret", message }]);
  expect(JSON.stringify(faults)).not.toContain(SECRET.slice(1));
});
