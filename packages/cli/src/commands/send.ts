import { randomUUID } from "node:crypto";
import type { WebhookRequest } from "@sluice/event";
import { requestOf } from "@sluice/operator";
import { loadConfiguration, SluiceError, systemClock } from "@sluice/runtime";
import { checkedUrl } from "../console/checked-url.ts";
import { CONFIG_OPTION, type AddCommand } from "../command.ts";
import { configurationEnvironment } from "../environment.ts";
import { chosenSource } from "../senders/chosen-source.ts";
import { givenText } from "../senders/given-text.ts";
import { table } from "../terminal/table.ts";
import { wholeNumber } from "../whole-number.ts";

type Options = {
  readonly config?: string;
  readonly source?: string;
  readonly file?: string;
  readonly type?: string;
  readonly sameId?: boolean;
  readonly count: string;
  readonly tamper?: boolean;
  readonly url?: string;
  readonly json?: boolean;
};

const MOST = 10_000;

export const sendCommand: AddCommand = (program, shell) => {
  program
    .command("send <sender>")
    .description("signs a webhook as the sender does, sends it, and shows the answer")
    .option(...CONFIG_OPTION)
    .option("--source <name>", "the source; without it the one that has this sender")
    .option("--file <file>", "a body, or a request as { headers, body }; without it the sender's sample")
    .option("--type <type>", "the sample as one of this type")
    .option("--same-id", "leave the id that the file has: what was sent before is then a duplicate")
    .option("--count <n>", "send the same request so often: what comes again is a duplicate", "1")
    .option("--tamper", "change the body after it was signed")
    .option("--url <url>", "where to; without it the ingress on this machine")
    .option("--json", "one object a line: number, status and answer")
    .action(async (sender: string, options: Options) => {
      const settings = shell.settings(options.config);
      const env = configurationEnvironment(settings);
      const configuration = await loadConfiguration({ path: settings.configPath, env });
      const source = chosenSource(configuration, sender, options.source);
      const own = `http://127.0.0.1:${settings.ports.ingress}/webhooks/${source.name}`;
      const url = options.url === undefined ? own : checkedUrl(options.url, own);
      const newId = options.file === undefined || options.sameId === true ? undefined : `try-${randomUUID()}`;
      const text = givenText(options.file);
      const rows: string[][] = [];
      let refused = false;
      for (let sent = 1; sent <= wholeNumber("--count", options.count, MOST); sent += 1) {
        const request = requestOf(source, {
          url,
          text,
          type: options.type,
          newId,
          nowMs: systemClock.nowMs(),
        });
        const { status, answer } = await send(url, options.tamper === true ? tampered(request) : request);
        refused ||= status >= 400;
        rows.push([String(sent), String(status), answer]);
      }
      if (options.json === true) {
        for (const [number, status, answer] of rows) {
          console.log(JSON.stringify({ number: Number(number), status: Number(status), answer }));
        }
      } else console.log(table([["#", "status", "answer"], ...rows]));
      if (refused && options.tamper !== true) {
        if (options.json !== true)
          console.log(`\nnext: sluice try ${source.name} shows what the request is refused for`);
        shell.exit(1);
      }
    });
};

async function send(url: string, request: WebhookRequest): Promise<{ status: number; answer: string }> {
  const { method, headers, query = "", body } = request;
  const target = `${url.split("?")[0]}${query === "" ? "" : `?${query}`}`;
  // A person waits here, and wants to see the outcome of the webhook.
  const own = [...headers].map(([name, values]) => [name, values.join(", ")] as const);
  const sent = Object.fromEntries([["prefer", "wait=5"] as const, ...own]);
  try {
    const response = await fetch(target, {
      method,
      headers: sent,
      ...(method === "GET" || method === "HEAD" ? {} : { body: Buffer.from(body) }),
    });
    const text = (await response.text()).replaceAll(/\s+/g, " ").trim();
    return { status: response.status, answer: text === "" ? "(no body)" : text };
  } catch (error) {
    throw new SluiceError(`${target} does not answer`, {
      code: "ingress_unreachable",
      hint: "start Sluice with `sluice up`, or name another address with --url",
      cause: error instanceof Error ? (error.cause ?? error) : error,
    });
  }
}

/** Changes one letter or digit of the body: the request can still be read, and is not the one that was signed. */
function tampered(request: WebhookRequest): WebhookRequest {
  const text = Buffer.from(request.body).toString("utf8");
  const changed = text.replace(/[0-9](?=[^0-9]*$)/, (digit) => String((Number(digit) + 1) % 10));
  return { ...request, body: Buffer.from(changed === text ? `${text} ` : changed) };
}
