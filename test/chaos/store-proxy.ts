import { once } from "node:events";
import {
  Agent,
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { lateJobs } from "./late-jobs.ts";
import type { Random } from "./random.ts";

/** Stands between the workers and the store and answers, or does not, as destinations do on bad days. */
export type StoreProxy = {
  readonly url: string;
  /** The kind of day from now on. */
  weather: Weather;
  /** How often each fault was dealt. */
  readonly dealt: Readonly<Record<Fault, number>>;
  /** Resolves when nothing is on its way to the store any more, late writes among it. */
  quiet(): Promise<void>;
  close(): Promise<void>;
};

/**
 * `clear`: no faults. `fair`: some of each. `storm`: more faults than answers. `slow`: most answers come late,
 * some after the worker's patience. `throttled`: mostly 429. `down`: nothing is ever carried out. `late`: many writes are carried out after
 * an answer that does not say so.
 */
export type Weather = keyof typeof WEATHERS;

export const FAULTS = [
  "answered 500",
  "answered 502",
  "answered 503",
  "answered 503 with Retry-After",
  "answered 429 with Retry-After",
  "reset before the write",
  "reset after the write",
  "silent, never written",
  "silent after the write",
  "written late, after the client gave up",
  "answered 504, written later",
  "delayed",
  "cut in the middle of the answer",
  "half-open connection",
  "job posted without an answer, run late",
] as const;
export type Fault = (typeof FAULTS)[number];

const JOBS_ONLY = "job posted without an answer, run late";
const SOME = { ...Object.fromEntries(FAULTS.map((fault) => [fault, 1])), [JOBS_ONLY]: 0 } as Record<Fault, number>;
const WEATHERS = {
  clear: { none: 1 },
  fair: { none: 400, ...SOME, delayed: 8, "written late, after the client gave up": 4 },
  storm: { none: 8, ...SOME, delayed: 3 },
  slow: { none: 10, delayed: 20, "written late, after the client gave up": 2 },
  throttled: { none: 6, "answered 429 with Retry-After": 1 },
  late: { none: 20, "answered 504, written later": 8, "written late, after the client gave up": 3, "answered 502": 1 },
  down: { "answered 502": 2, "answered 503": 2, "reset before the write": 2, "silent, never written": 1 },
} as const satisfies Record<string, Partial<Record<Fault | "none", number>>>;

export async function startStoreProxy(options: {
  readonly storeUrl: string;
  readonly random: Random;
  /** How long a client waits for an answer: late effects come after this. */
  readonly patienceMs: number;
  /** False: the store never hears of fencing tokens, as Zendesk does not. */
  readonly fences: boolean;
  /** A job that runs late runs this long after its POST, and up to half as long again. */
  readonly jobsLateMs: number;
}): Promise<StoreProxy> {
  const { random, patienceMs, fences, jobsLateMs } = options;
  const late = lateJobs();
  const store = new URL(options.storeUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const dealt = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  const timers = new Set<NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  const deal = (fault: Fault): void => void (dealt[fault] += 1);
  const later = async (ms: number): Promise<void> =>
    await new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });

  const http = createHttpServer((request, response) => {
    const answered: Promise<void> = answer(request, response)
      .catch(() => void response.destroy())
      .finally(() => underWay.delete(answered));
    underWay.add(answered);
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    const weights: Partial<Record<Fault | "none", number>> = WEATHERS[proxy.weather];
    if (random.chance((weights["half-open connection"] ?? 0) / 20)) {
      // The connection is accepted and never read: the client finds out when its patience is over.
      deal("half-open connection");
    } else http.emit("connection", socket);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const weights: Record<string, number> = { ...WEATHERS[proxy.weather], "half-open connection": 0 };
    // Late jobs are seldom: each keeps up to a batch of records from being written for as long as it is late.
    const mayBeLate = !fences && proxy.weather === "fair" && late.isPost(request.method, request.url);
    const fault = mayBeLate && random.chance(1 / 40) ? JOBS_ONLY : (random.weighted(weights) as Fault | "none");
    if (fault !== "none") deal(fault);
    switch (fault) {
      case "none":
      case "half-open connection":
        return pass(await forward(request, body), response);
      case "answered 500":
        return refuse(response, 500, '{"error":"InternalError"}');
      case "answered 502":
        return refuse(response, 502, "<html>Bad gateway</html>");
      case "answered 503":
        return refuse(response, 503, "");
      case "answered 503 with Retry-After":
        return refuse(response, 503, "", { "retry-after": "1" });
      case "answered 429 with Retry-After":
        return refuse(response, 429, "slow down", { "retry-after": "1" });
      case "reset before the write":
        return void request.socket.resetAndDestroy();
      case "reset after the write":
        await forward(request, body);
        return void request.socket.resetAndDestroy();
      case "silent, never written":
        return undefined;
      case "silent after the write":
        return void (await forward(request, body));
      case "written late, after the client gave up":
        await later(random.whole(patienceMs, patienceMs * 4));
        return void (await forward(request, body));
      case "answered 504, written later":
        refuse(response, 504, "<html>Gateway timeout</html>");
        await later(random.whole(1, patienceMs * 2));
        return void (await forward(request, body));
      case "delayed":
        await later(random.whole(1, patienceMs * 0.9));
        return pass(await forward(request, body), response);
      case "cut in the middle of the answer": {
        const { status, headers, bytes } = await forward(request, body);
        response.writeHead(status, { ...headers, "content-length": String(bytes.length + 1) });
        response.write(bytes.subarray(0, bytes.length / 2));
        await later(5);
        return void response.destroy();
      }
      case "job posted without an answer, run late":
        if (random.chance(0.5)) refuse(response, 504, "<html>Gateway timeout</html>");
        return await late.queue(
          async () => await forward(request, body),
          later(random.whole(jobsLateMs, jobsLateMs * 1.5)),
        );
    }
  }

  async function forward(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const { method, url: path } = request;
    const headers = { ...request.headers };
    if (!fences) for (const name of ["sluice-fence", "sluice-fences"]) delete headers[name];
    const passed = httpRequest({ host: store.hostname, port: store.port, method, path, headers, agent });
    passed.end(body);
    const [answered] = (await once(passed, "response")) as [IncomingMessage];
    const told = { status: answered.statusCode ?? 502, headers: endToEnd(answered), bytes: await bytesOf(answered) };
    if (told.status !== 200 || method !== "GET") return told;
    const bytes = late.listed(path, told.bytes);
    return { ...told, headers: { ...told.headers, "content-length": String(bytes.length) }, bytes };
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: StoreProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    weather: "clear",
    dealt,
    async quiet() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      server.close();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await once(server, "close");
    },
  };
  return proxy;
}

type Answer = { readonly status: number; readonly headers: Record<string, string | string[]>; readonly bytes: Buffer };

function pass({ status, headers, bytes }: Answer, response: ServerResponse): void {
  response.writeHead(status, headers).end(bytes);
}

function refuse(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "text/plain", ...headers }).end(body);
}

function endToEnd({ headers }: IncomingMessage): Record<string, string | string[]> {
  const hop = new Set(["connection", "keep-alive", "transfer-encoding"]);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined || hop.has(name) ? [] : [[name, value]])),
  );
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
