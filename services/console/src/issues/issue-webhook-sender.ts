import { openHttpClient, timedOut, withDeadline, type HttpClient } from "@sluice/destination/http";
import { NeverError, type OutboxHandler, type TemporaryMap, type TemporaryTexts } from "@sluice/queue";
import type { Clock, Configuration, IssueWebhookConfiguration } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";
import type { FailingReceiver } from "./facts.ts";
import { receiverId, signedHeaders, type IssueMessage } from "./issue-message.ts";

export type IssueWebhookSenderOptions = {
  readonly configuration: () => Configuration;
  readonly clock: Clock;
  readonly temporaryTexts: TemporaryTexts;
  readonly open?: typeof openHttpClient;
  /** How long one try may take. */
  readonly timeoutMs?: number;
};

/** Carries messages about issues to their receivers, and remembers which of those take none. */
export type IssueWebhookSender = OutboxHandler & {
  /** The receivers of this configuration that were given up, and have taken nothing since. */
  failing(): Promise<readonly FailingReceiver[]>;
  close(): Promise<void>;
};

export function createIssueWebhookSender({
  configuration,
  clock,
  temporaryTexts,
  open = openHttpClient,
  timeoutMs = LIMITS.issueWebhookMs,
}: IssueWebhookSenderOptions): IssueWebhookSender {
  const failing: TemporaryMap = temporaryTexts.map("issue-receivers", LIMITS.issueKeptMs);
  const stop = new AbortController();
  const askings = new Map<boolean, HttpClient>();
  /** Receivers that let a message wait until its deadline, and have answered none since; and whether one is being tried there. */
  const silent = new Map<string, { isTried: boolean }>();

  function asking({ privateAddresses }: IssueWebhookConfiguration): HttpClient {
    const known = askings.get(privateAddresses);
    if (known !== undefined) return known;
    const opened = open({ connections: LIMITS.issueWebhooksAtOnce, timeoutMs, privateAddresses });
    askings.set(privateAddresses, opened);
    return opened;
  }

  /**
   * Asks a receiver, and one that is silent for one message at a time: the others fail at once and are tried again later, so that they leave
   * room for other receivers'.
   */
  async function ask(receiver: IssueWebhookConfiguration, message: IssueMessage): Promise<number> {
    const { origin } = new URL(receiver.url);
    const silence = silent.get(message.receiver);
    if (silence?.isTried === true) throw new Error(`${origin} does not answer`);
    if (silence !== undefined) silence.isTried = true;
    try {
      const { statusCode } = await withDeadline(
        timeoutMs,
        stop.signal,
        () => {
          if (!silent.has(message.receiver)) silent.set(message.receiver, { isTried: false });
          return timedOut(origin, timeoutMs);
        },
        async (signal) =>
          await asking(receiver).ask(receiver.url, {
            method: "POST",
            headers: signedHeaders(message, receiver.secret, clock.nowMs()),
            body: message.body,
            mostBytes: LIMITS.issueAnswerBytes,
            stop: signal,
          }),
      );
      silent.delete(message.receiver);
      return statusCode;
    } finally {
      if (silence !== undefined) silence.isTried = false;
    }
  }

  const receivers = (): readonly IssueWebhookConfiguration[] => configuration().issueWebhooks ?? [];

  return {
    async deliver(_id, text) {
      const message = JSON.parse(text) as IssueMessage;
      const receiver = receivers().find((each) => receiverId(each) === message.receiver);
      // The file names it no more: nobody waits for this.
      if (receiver === undefined) return;
      const { origin } = new URL(receiver.url);
      const statusCode = await ask(receiver, message);
      // By the specification a receiver that answers 410 wants no more of them.
      if (statusCode === 410) throw new NeverError(`${origin} answered 410`);
      if (statusCode < 200 || statusCode > 299) throw new Error(`${origin} answered ${statusCode}`);
      await failing.drop([message.receiver]);
    },
    async gaveUp(_id, text, { message }) {
      await failing.put((JSON.parse(text) as IssueMessage).receiver, message);
    },
    async failing() {
      const known = await failing.all();
      return receivers().flatMap((receiver, index) => {
        const message = known.get(receiverId(receiver));
        if (message === undefined) return [];
        return [{ place: `issue_webhooks[${index}]`, origin: new URL(receiver.url).origin, message }];
      });
    },
    async close() {
      stop.abort(new Error("this process stops"));
      await Promise.all([...askings.values()].map(async (each) => await each.close()));
    },
  };
}
