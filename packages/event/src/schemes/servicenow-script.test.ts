import { createHmac } from "node:crypto";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { findSender } from "../catalog.ts";
import { readEvents } from "../events/read-events.ts";
import type { WebhookRequest } from "../request.ts";
import { verify } from "../verification/verify.ts";
import { SERVICENOW_SCRIPT } from "./servicenow-script.ts";

const servicenow = findSender("servicenow")!;

const SECRET = "a long random text";

type Values = Readonly<Record<string, string | null>>;
type Sent = { url: string; method: string; body: string; headers: Record<string, string> };

/** Runs the rule as ServiceNow would, on node:crypto. @returns its request */
function run(table: string, operation: string, values: Values): Sent {
  const sent: Sent = { url: "", method: "", body: "", headers: {} };
  const current = {
    getTableName: () => table,
    operation: () => operation,
    getUniqueValue: () => "5137153cc611227c000bbd1bd8cd2005",
    getValue: (name: string) => values[name] ?? null,
  };
  const gs = {
    generateGUID: () => "c2b1f6de0d0c4a6f9a533f2f7a0e9b11",
    getProperty: (name: string) => (name === "sluice.secret" ? SECRET : ""),
    base64Encode: (text: string) => Buffer.from(text, "utf8").toString("base64"),
  };
  class CertificateEncryption {
    generateMac(key: string, algorithm: string, data: string): string {
      expect(algorithm).toBe("HmacSHA256");
      return createHmac("sha256", Buffer.from(key, "base64")).update(data, "latin1").digest("base64");
    }
  }
  class RESTMessageV2 {
    setEndpoint(url: string): void {
      sent.url = url;
    }
    setHttpMethod(method: string): void {
      sent.method = method;
    }
    setRequestHeader(name: string, value: string): void {
      sent.headers[name.toLowerCase()] = value;
    }
    setRequestBody(body: string): void {
      sent.body = body;
    }
    executeAsync(): void {}
  }
  runInNewContext(SERVICENOW_SCRIPT, { current, previous: null, gs, CertificateEncryption, sn_ws: { RESTMessageV2 } });
  return sent;
}

const received = ({ url, method, body, headers }: Sent): WebhookRequest => ({
  method,
  url,
  path: "/",
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  body: Buffer.from(body),
});

test("what the rule signs is authentic, whatever letters it holds, and says what its table has", async () => {
  const values = { sys_updated_on: "2026-11-05 11:59:57", name: "Grün 😀", phone: null, website: "https://x.example" };
  const request = received(run("core_company", "update", values));
  expect(await verify(servicenow, request, [SECRET], Date.now())).toMatchObject({ ok: true });
  expect(await verify(servicenow, request, ["another"], Date.now())).toMatchObject({ ok: false });
  const [event] = readEvents(servicenow, request, "it");
  expect(event).toMatchObject({
    id: "c2b1f6de0d0c4a6f9a533f2f7a0e9b11",
    type: "core_company.update",
    time: "2026-11-05T11:59:57Z",
    finer: expect.stringMatching(/\.\d{3}Z$/),
    data: { fields: { name: "Grün 😀", phone: null, website: "https://x.example", city: null } },
  });
});

test("a deletion is as new as the moment at which the rule ran", () => {
  const [event] = readEvents(
    servicenow,
    received(run("sys_user", "delete", { sys_updated_on: "2020-01-01 00:00:00" })),
    "it",
  );
  expect(event).toMatchObject({ type: "sys_user.delete", operation: "delete" });
  expect(Date.parse(event!.time!)).toBeGreaterThan(Date.now() - 60_000);
});
