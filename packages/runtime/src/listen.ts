import { createServer, IncomingMessage, ServerResponse, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SluiceError } from "./error.ts";
import { LIMITS } from "./limits.ts";
import { answerUnreadRequest } from "./unread-request.ts";

export type Listening = {
  /** The URL with the port that was really taken, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new connections, lets requests under way finish, and cuts what is left after
   * `deadlineMs`. Resolves when no connection is left.
   */
  close(deadlineMs: number): Promise<void>;
};

export type ListenOptions = {
  /** ingress, worker, records …: names the variable that moves the port. */
  readonly role: string;
  /** The port to take; 0: any free one. */
  readonly port: number;
  /** The address to listen on: 127.0.0.1 unless given; in a container 0.0.0.0 (`SLUICE_HOST`). */
  readonly host?: string | undefined;
};

/** Whether only this machine can reach a server on this address. */
export function isLoopback(host: string): boolean {
  return /^127(?:[.]\d{1,3}){3}$|^::1$|^localhost$/.test(host);
}

/**
 * Serves an Express app (or any request listener).
 * @throws SluiceError `port_taken`, `address_unusable`
 */
export async function listen(
  app: RequestListener,
  { role, port, host = "127.0.0.1" }: ListenOptions,
): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: LIMITS.headersTimeoutMs,
      requestTimeout: LIMITS.requestTimeoutMs,
      keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
      connectionsCheckingInterval: LIMITS.connectionLookMs,
      ...kindsOf(app),
    },
    app,
  );
  server.on("clientError", answerUnreadRequest);
  await bound(server, role, port, host);
  const taken = (server.address() as AddressInfo).port;
  const shownHost = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return {
    url: `http://${shownHost.includes(":") ? `[${shownHost}]` : shownHost}:${taken}`,
    port: taken,
    close: (deadlineMs) => closed(server, deadlineMs),
  };
}

/**
 * The kinds of a server's requests and answers. Express gives each of them the prototype of its application, which is dear for objects that
 * are made already; made with that prototype, they have nothing changed.
 */
function kindsOf(app: RequestListener & { request?: object; response?: object }): ServerKinds {
  const { request, response } = app;
  if (request === undefined || response === undefined) return {};
  return {
    IncomingMessage: madeWith(IncomingMessage, request),
    ServerResponse: madeWith(ServerResponse, response),
  };
}

type ServerKinds = Partial<{ IncomingMessage: typeof IncomingMessage; ServerResponse: typeof ServerResponse }>;

function madeWith<Kind extends typeof IncomingMessage | typeof ServerResponse>(kind: Kind, prototype: object): Kind {
  // Node's own are functions, not classes, so that kinds like these can be made of them.
  const make = kind as unknown as (this: object, first: unknown, second: unknown) => void;
  function Made(this: object, first: unknown, second: unknown): void {
    make.call(this, first, second);
  }
  // The engine looks along this chain for how many members an object will have.
  Object.setPrototypeOf(Made, kind);
  Made.prototype = prototype;
  return Made as unknown as Kind;
}

function bound(server: Server, role: string, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explained(error, role, port, host)));
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function explained(error: NodeJS.ErrnoException, role: string, port: number, host: string): SluiceError {
  const variable = `SLUICE_${role.toUpperCase()}_PORT`;
  if (error.code === "EADDRINUSE") {
    return new SluiceError(`port ${port} on ${host}, where ${role} would listen, is taken by another program`, {
      code: "port_taken",
      hint: `stop that program, or choose another port with ${variable}=${port + 1000}`,
      cause: error,
    });
  }
  return new SluiceError(`${role} can't listen on ${host}:${port}`, {
    code: "address_unusable",
    hint: `choose another port with ${variable} or another address with SLUICE_HOST`,
    cause: error,
  });
}

function closed(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A keep-alive connection that turns idle after close() would hold the server open until its
    // own timeout, so the idle ones are looked for again until none is left.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
