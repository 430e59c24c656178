import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createZendeskClient, type ZendeskClient, type ZendeskClientOptions } from "./client.ts";

/** Clients of servers that answer as a test says, all ended by `close`. */
export type Clients = {
  against(listener: RequestListener, options?: Partial<ZendeskClientOptions>): Promise<ZendeskClient>;
  /** Another client of the server that the last one talks to. */
  another(options?: Partial<ZendeskClientOptions>): ZendeskClient;
  /** Ends the last server, as if it were gone. */
  endServer(): void;
  close(): Promise<void>;
};

export function startClients(): Clients {
  const servers: Server[] = [];
  const clients: ZendeskClient[] = [];
  let url = "";
  const clientOf = (options: Partial<ZendeskClientOptions>): ZendeskClient => {
    const client = createZendeskClient({
      url,
      auth: { bearer: "s3cret-token" },
      concurrency: 2,
      timeoutMs: 5_000,
      ...options,
    });
    clients.push(client);
    return client;
  };
  const end = (server: Server): void => {
    server.closeAllConnections();
    server.close();
  };
  return {
    async against(listener, options = {}) {
      const server = createServer(listener);
      servers.push(server);
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("the server has no port");
      url = `http://127.0.0.1:${address.port}`;
      return clientOf(options);
    },
    another: (options = {}) => clientOf(options),
    endServer: () => end(servers.at(-1)!),
    async close() {
      servers.splice(0).forEach(end);
      await Promise.all(clients.splice(0).map(async (client) => await client.close()));
    },
  };
}
