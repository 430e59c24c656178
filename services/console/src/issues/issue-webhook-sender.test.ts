import { hostname } from "node:os";
import { NeverError, type TemporaryTexts } from "@sluice/queue";
import { readConfiguration, systemClock } from "@sluice/runtime";
import { expect, test } from "vitest";
import { TEXT } from "../console.fixture.ts";
import { createIssueWebhookSender } from "./issue-webhook-sender.ts";
import { receiverId } from "./issue-message.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** No receiver fails, and none is remembered. */
const temporaryTexts = {
  map: () => ({ put: async () => {}, get: async () => null, all: async () => new Map(), drop: async () => {} }),
} as unknown as TemporaryTexts;

type Options = Pick<Parameters<typeof createIssueWebhookSender>[0], "open" | "timeoutMs">;

function senderOf(receiver: string, open?: Options["open"], more: Options = {}) {
  const text = `${TEXT}\nissue_webhooks:\n  - { secret: ${SECRET}, ${receiver} }\n`;
  const configuration = readConfiguration(text, { path: "sluice.yaml", env: {} });
  const [known] = configuration.issueWebhooks!;
  const webhookSender = createIssueWebhookSender({
    configuration: () => configuration,
    clock: systemClock,
    temporaryTexts,
    ...(open && { open }),
    ...more,
  });
  const message = JSON.stringify({ receiver: receiverId(known!), id: "msg_1", body: "{}" });
  return {
    deliver: async () => await webhookSender.deliver("1", message),
    close: async () => await webhookSender.close(),
  };
}

test.each([
  ["", false],
  [", private_addresses: true", true],
])("a name may lead into the own network only where the file says so%s", async (says, expected) => {
  const asked: boolean[] = [];
  const { deliver, close } = senderOf(`url: "https://hooks.example/a"${says}`, (options) => {
    asked.push(options.privateAddresses);
    const ask = async () => ({ statusCode: 204, headers: {}, bytes: Buffer.alloc(0) });
    return { ask, close: async () => {} };
  });
  await deliver();
  await close();
  expect(asked).toEqual([expected]);
});

test("this machine's own name is not asked", async ({ skip }) => {
  skip(/(^|\.)localhost$/.test(hostname()), "the machine is called localhost, which means what it says");
  const { deliver, close } = senderOf(`url: "http://${hostname()}:1/"`);
  await expect(deliver()).rejects.toThrow(/which is not public|ENOTFOUND|EAI_AGAIN/);
  await close();
});

test.each([
  [204, null],
  [500, Error],
  [410, NeverError],
])("an answer of %i is a receipt, a reason to try again, or the end", async (statusCode, fault) => {
  const ask = async () => ({ statusCode, headers: {}, bytes: Buffer.alloc(0) });
  const { deliver, close } = senderOf(`url: "https://hooks.example/a"`, () => ({ ask, close: async () => {} }));
  const error: unknown = await deliver().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  await close();
  expect(error === null ? null : (error as Error).constructor).toBe(fault);
});

test("a redirect is no receipt, and is not followed", async () => {
  let asked = 0;
  const { deliver, close } = senderOf(`url: "https://hooks.example/a"`, () => ({
    async ask() {
      asked += 1;
      return { statusCode: 302, headers: { location: "http://127.0.0.1/" }, bytes: Buffer.alloc(0) };
    },
    close: async () => {},
  }));
  await expect(deliver()).rejects.toThrow("answered 302");
  await close();
  expect(asked).toBe(1);
});

test("a receiver that is silent is asked for one message at a time, until it answers", async () => {
  let asked = 0;
  let answers: Promise<void> = new Promise(() => {});
  const open: Options["open"] = () => ({
    async ask(_url, { stop }) {
      asked += 1;
      const stopped = new Promise<never>((_resolve, reject) => {
        stop.addEventListener("abort", () => reject(stop.reason as Error));
      });
      await Promise.race([answers, stopped]);
      return { statusCode: 204, headers: {}, bytes: Buffer.alloc(0) };
    },
    close: async () => {},
  });
  const { deliver, close } = senderOf(`url: "https://hooks.example/a"`, open, { timeoutMs: 20 });
  const taken = async (): Promise<readonly boolean[]> =>
    (await Promise.allSettled([deliver(), deliver(), deliver()])).map(({ status }) => status === "fulfilled");
  expect([await taken(), asked]).toEqual([[false, false, false], 3]);
  expect([await taken(), asked]).toEqual([[false, false, false], 4]);
  answers = Promise.resolve();
  expect([await taken(), asked]).toEqual([[true, false, false], 5]);
  expect([await taken(), asked]).toEqual([[true, true, true], 8]);
  await close();
});
