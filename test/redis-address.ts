import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** One address behind which first one Redis stands and then another, as a failover has them. */
export type RedisAddress = {
  /** The URL has the password `secret`, so that it may lead to either server. */
  readonly url: string;
  leadTo(port: number): void;
  close(): void;
};

/** The target is decided for each new connection; standing ones are left alone. */
export async function openRedisAddress(port: number): Promise<RedisAddress> {
  let target = port;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => [client, upstream].forEach((each) => each.destroy()));
    }
    client.pipe(upstream).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://:secret@127.0.0.1:${(server.address() as AddressInfo).port}/0`,
    leadTo: (other) => void (target = other),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
