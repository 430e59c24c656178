import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { json } from "node:stream/consumers";
import { upserted } from "../upserted.ts";
import { serveParent } from "./child.ts";

/** A destination that is well, or is down in one of two ways, and notes when it first held each record. */
export type MoodyOrder =
  /** `refuses`: nobody listens; `hangs`: connections are taken and nothing is ever answered. */
  | { readonly be: "well" | "refuses" | "hangs" }
  /** Answers, once so many records were written since the last such order, with the times (ms since 1970), by external id. */
  | { readonly writtenAt: number };

export type WrittenAt = Readonly<Record<string, number>>;

/** `fences`: the destination says that it checks tokens, without doing so: nothing here writes an older one. */
export type MoodyDestinationSettings = { readonly latencyMs: number; readonly fences?: boolean };

if (import.meta.main) serveParent(serveMoodyDestination);

async function serveMoodyDestination({ latencyMs, fences = false }: MoodyDestinationSettings) {
  let hangs = false;
  let written: Record<string, number> = {};
  let waiting = { count: Infinity, tell: (): void => {} };
  const sockets = new Set<Socket>();

  const note = (record: string): void => {
    written[record] ??= performance.timeOrigin + performance.now();
    if (Object.keys(written).length >= waiting.count) waiting.tell();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (hangs) return;
    const [sent] = await Promise.all([
      json(request) as Promise<{ job?: { items: { external_id: string }[] } }>,
      new Promise((resolve) => setTimeout(resolve, latencyMs)),
    ]);
    if (hangs || !server.listening) return;
    const fence = request.headers["sluice-fence"];
    const echo = fences && fence !== undefined ? { "sluice-fence": fence } : {};
    response.writeHead(200, { "content-type": "application/json", ...echo });
    if (sent.job === undefined) {
      response.end(upserted(request.url));
      note(new URL(request.url ?? "", "http://destination").searchParams.get("external_id") ?? "");
    } else {
      const results = sent.job.items.map((_, index) => ({ index, status: "CreateOrUpdate" }));
      response.end(JSON.stringify({ job_status: { id: "bench", status: "completed", results } }));
      for (const { external_id: record } of sent.job.items) note(record);
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const listen = async (port: number): Promise<void> =>
    await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    async obey(order: MoodyOrder): Promise<WrittenAt | undefined> {
      if ("writtenAt" in order) {
        if (Object.keys(written).length < order.writtenAt) {
          await new Promise<void>((tell) => (waiting = { count: order.writtenAt, tell }));
        }
        waiting.count = Infinity;
        const noted = written;
        written = {};
        return noted;
      }
      hangs = order.be === "hangs";
      if (order.be === "refuses") server.close();
      else if (!server.listening) await listen(port);
      for (const socket of sockets) socket.destroy();
      return undefined;
    },
    close: async () => server.closeAllConnections(),
  };
}
