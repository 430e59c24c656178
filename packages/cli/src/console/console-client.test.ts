import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { consoleClient } from "./console-client.ts";

const ports = { ingress: 0, worker: 0, console: 0, records: 0 };

async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => void response.writeHead(status).end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refusal = (code: string): string =>
  JSON.stringify({ error: { code, message: "no", hint: "Send `Authorization: Bearer`." } });

test.each([
  [
    "a wrong token",
    401,
    refusal("unauthenticated"),
    { code: "unauthenticated", hint: /--token or SLUICE_ADMIN_TOKEN/ },
  ],
  ["an unknown event", 404, refusal("event_unknown"), { code: "event_unknown", hint: /`sluice events --event ID`/ }],
  ["a refusal of which there is no more to say", 409, refusal("plan_stale"), { code: "plan_stale", hint: /^Send/ }],
  ["the door", 404, refusal("source_unknown"), { code: "console_refused", hint: /--url/ }],
  ["the records store", 404, '{"error":"RecordNotFound"}', { code: "console_refused", hint: /--url/ }],
  ["a page", 200, "<html>", { code: "console_refused", hint: /--url/ }],
  ["a proxy", 502, "<html>", { code: "console_refused", hint: /log/ }],
])("%s is answered with what to do at a command line", async (_what, status, body, { code, hint }) => {
  const client = consoleClient({ env: {}, dataDir: "", ports }, { url: await answering(status, body), token: "t" });
  await expect(client.get("/api/now")).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) });
});

test("without a token the console is asked all the same, and says that it wants one", async () => {
  const url = await answering(401, refusal("unauthenticated"));
  const client = consoleClient({ env: {}, dataDir: "/nowhere", ports }, { url });
  await expect(client.get("/api/now")).rejects.toMatchObject({ code: "unauthenticated" });
});

test.each(["nonsense", "localhost:8082", "ftp://console"])(
  "--url %s is refused with the form of a right one",
  (url) => {
    expect(() => consoleClient({ env: {}, dataDir: "", ports }, { url, token: "t" })).toThrow(
      expect.objectContaining({ code: "option_invalid", hint: expect.stringContaining("http://") }),
    );
  },
);
