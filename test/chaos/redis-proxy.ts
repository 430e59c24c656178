import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Stands between Sluice and its Redis and breaks connections, as networks do. */
export type RedisProxy = {
  /** The server's URL with this proxy's address. */
  readonly url: string;
  /** From now on new connections go to this server; standing ones are left alone. */
  leadTo(url: string): void;
  /** Ends this share (0 to 1) of the connections at once. */
  cut(share: number): void;
  /** Commands go through and are carried out; their answers don't come back, and then the connections end. */
  loseAnswers(forMs: number): Promise<void>;
  /** Like `loseAnswers`, but the connections live on: a call of the returned function lets the answers through. */
  withholdAnswers(): () => void;
  /** Nothing goes through in either direction, and nobody is told; then the connections end. */
  stall(forMs: number): Promise<void>;
  /** New connections are accepted and never answered, the old ones end. */
  refuse(forMs: number): Promise<void>;
  close(): Promise<void>;
};

type Pair = { readonly client: Socket; readonly server: Socket };

export async function startRedisProxy(redisUrl: string, chance: () => number): Promise<RedisProxy> {
  let target = new URL(redisUrl);
  const pairs = new Set<Pair>();
  let deaf = false;

  const listener = createServer((client) => {
    client.on("error", () => {});
    if (deaf) {
      const dead: Pair = { client, server: client };
      pairs.add(dead);
      client.resume().once("close", () => pairs.delete(dead));
      return;
    }
    const server = connect(Number(target.port), target.hostname);
    const pair = { client, server };
    pairs.add(pair);
    client.setNoDelay(true);
    server.setNoDelay(true).on("error", () => {});
    client.pipe(server);
    server.pipe(client);
    // A connection that ends on one side ends on the other, too.
    for (const socket of [client, server]) socket.once("close", () => end(pair));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const url = new URL(redisUrl);
  url.port = String((listener.address() as AddressInfo).port);

  function end(pair: Pair): void {
    pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
  async function later(forMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, forMs));
  }
  async function withheld(forMs: number, sides: (pair: Pair) => readonly Socket[]): Promise<void> {
    const held = [...pairs];
    for (const pair of held) for (const socket of sides(pair)) socket.unpipe().pause();
    await later(forMs);
    for (const pair of held) end(pair);
  }

  return {
    url: url.href,
    leadTo: (other) => void (target = new URL(other)),
    cut(share) {
      for (const pair of pairs) if (chance() < share) end(pair);
    },
    withholdAnswers() {
      const held = [...pairs];
      for (const { server } of held) server.unpipe().pause();
      return () => {
        for (const { client, server } of held) server.pipe(client);
      };
    },
    loseAnswers: async (forMs) => await withheld(forMs, ({ server }) => [server]),
    stall: async (forMs) => await withheld(forMs, ({ client, server }) => [client, server]),
    async refuse(forMs) {
      deaf = true;
      for (const pair of pairs) end(pair);
      await later(forMs);
      deaf = false;
      for (const pair of pairs) end(pair);
    },
    async close() {
      listener.close();
      for (const pair of pairs) end(pair);
      await once(listener, "close");
    },
  };
}
