import { readFileSync } from "node:fs";
import { readEvents, readScheme, signRequest, verify, type Json, type WebhookRequest } from "@sluice/event";
import { expect, test } from "vitest";
import { parse } from "yaml";

const NOW_MS = Date.UTC(2026, 10, 5, 12);
const PAGE = readFileSync(new URL("../docs/schemes.md", import.meta.url), "utf8");

type Example = {
  readonly scheme: string;
  readonly request: { readonly headers?: Readonly<Record<string, string>>; readonly body: Json };
  readonly events: readonly object[];
};

/** A scheme in YAML, then a request and its events in JSON. */
const EXAMPLES: readonly Example[] = [
  ...PAGE.matchAll(/```yaml\n([^`]+)```\s+```json\n([^`]+)```\s+```json\n([^`]+)```/g),
].map(([, scheme = "", request = "", events = ""]) => ({
  scheme,
  request: JSON.parse(request) as Example["request"],
  events: JSON.parse(events) as object[],
}));

test("every block of the page is part of an example", () => {
  expect(EXAMPLES).toHaveLength(PAGE.match(/```yaml/g)!.length);
  expect(EXAMPLES.length * 6).toBe(PAGE.match(/^```/gm)!.length);
});

test.each(EXAMPLES.map((example, index) => [index + 1, example] as const))(
  "example %i of docs/schemes.md: its request is authentic and becomes its events",
  async (_, { scheme: written, request, events }) => {
    const scheme = readScheme(parse(written));
    const unsigned: WebhookRequest = {
      method: "POST",
      url: "https://in.example.com/webhooks/it",
      path: "/webhooks/it",
      headers: new Map(Object.entries(request.headers ?? {}).map(([name, value]) => [name, [value]])),
      body: Buffer.from(JSON.stringify(request.body)),
    };
    const signed = signRequest(scheme, unsigned, "hush", NOW_MS);
    expect(await verify(scheme, signed, ["hush"], NOW_MS)).toMatchObject({ ok: true });
    expect(await verify(scheme, signed, ["other"], NOW_MS)).toMatchObject({ ok: false });
    expect(readEvents(scheme, signed, "it")).toMatchObject(events);
  },
);

test("every token and placeholder of the engine is on the page", () => {
  const tokens = ["body", "body:base64", "form:sorted", "method", "url", "url:hubspot-decoded", "path", "ts", "secret"];
  for (const token of [...tokens, "header:NAME", "each", "index", "query:NAME"])
    expect(PAGE).toContain(`\`{${token}}\``);
});
