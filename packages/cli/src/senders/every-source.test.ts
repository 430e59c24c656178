import { generateKeyPairSync } from "node:crypto";
import { senders, type Sender } from "@sluice/event";
import { ConfigurationError, readConfiguration } from "@sluice/runtime";
import { expect, test } from "vitest";
import { sourceOf } from "./source-name.ts";
import { withSource } from "./written-source.ts";

const FILE = 'destinations: { crm: { kind: zendesk, url: "http://127.0.0.1:1", auth: { bearer: none } } }\n';

/** Secrets of every kind that a scheme may want. */
function candidates(): readonly string[] {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const set = JSON.stringify({ keys: [publicKey.export({ format: "jwk" })] });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const text = Buffer.alloc(32, 7).toString("base64");
  const published = [
    "arn:aws:sns:eu-central-1:111122223333:orders",
    "https://desk.zoho.com/.well-known/jwks.json#webhookId:1",
  ];
  return ["user:password", text, Buffer.alloc(32, 7).toString("hex"), "192.0.2.0/24", pem, set, ...published];
}

function faultsOf(text: string, env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfiguration(text, { path: "sluice.yaml", env });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ place, message }) => `${place} ${message}`);
    throw error;
  }
}

test("the source that init writes is right for every sender, as soon as its variables are set", () => {
  const secrets = candidates();
  const wrong = senders().flatMap((sender: Sender) => {
    const text = withSource(FILE, { sender, source: sourceOf(sender), destination: undefined }) ?? "";
    const written = text.replaceAll(/^ *#.*$/gm, "");
    const variables = [...written.matchAll(/\$\{([A-Z0-9_]+)\}/g)].map(([, variable = ""]) => variable);
    const tried = (secret: string): readonly string[] =>
      faultsOf(text, Object.fromEntries(variables.map((each) => [each, secret])));
    return secrets.some((secret) => tried(secret).length === 0)
      ? []
      : [`${sender.name}: ${tried(secrets[0]!).join("; ")}`];
  });
  expect(wrong).toEqual([]);
});
