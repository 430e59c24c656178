import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { upserted } from "../upserted.ts";
import { serveParent } from "./child.ts";

/** A destination that keeps each record as it was last written, and notes every record that it is told an older revision of. */
export type KeepingOrder =
  /** Answers, once so many revisions were seen for the first time since the last such order, when that was (ms since 1970), by `record revision`. */
  { readonly seenAt: number } | "kept";

export type SeenAt = Readonly<Record<string, number>>;

export type Kept = {
  /** By external id: the revision and the tier that the record shows. */
  readonly records: Readonly<Record<string, { readonly revision: number; readonly tier: string }>>;
  /** Writes of a revision older than the one that the record showed. */
  readonly regressed: number;
};

type Fields = { readonly revision?: number; readonly tier?: string };
type Sent = {
  readonly job?: {
    readonly items: readonly { readonly external_id: string; readonly custom_object_fields?: Fields }[];
  };
  readonly custom_object_record?: { readonly custom_object_fields?: Fields };
};

if (import.meta.main) serveParent(serveKeepingDestination);

async function serveKeepingDestination({ latencyMs }: { readonly latencyMs: number }) {
  const records: Record<string, { revision: number; tier: string }> = {};
  const known = new Set<string>();
  let regressed = 0;
  let seen: Record<string, number> = {};
  let waiting = { count: Infinity, tell: (): void => {} };

  const write = (record: string, { revision, tier }: Fields): void => {
    const before = records[record];
    if (revision !== undefined && before !== undefined && revision < before.revision) regressed += 1;
    records[record] = { revision: revision ?? before?.revision ?? 0, tier: tier ?? before?.tier ?? "" };
    const name = `${record} ${revision}`;
    if (revision === undefined || known.has(name)) return;
    known.add(name);
    seen[name] = performance.timeOrigin + performance.now();
    if (Object.keys(seen).length >= waiting.count) waiting.tell();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [sent] = await Promise.all([
      json(request) as Promise<Sent>,
      new Promise((resolve) => setTimeout(resolve, latencyMs)),
    ]);
    response.writeHead(200, { "content-type": "application/json" });
    if (sent.job === undefined) {
      const record = new URL(request.url ?? "", "http://destination").searchParams.get("external_id") ?? "";
      write(record, sent.custom_object_record?.custom_object_fields ?? {});
      response.end(upserted(request.url));
      return;
    }
    for (const { external_id: record, custom_object_fields: fields } of sent.job.items) write(record, fields ?? {});
    const results = sent.job.items.map((_, index) => ({ index, status: "CreateOrUpdate" }));
    response.end(JSON.stringify({ job_status: { id: "bench", status: "completed", results } }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    async obey(order: KeepingOrder): Promise<SeenAt | Kept> {
      if (order === "kept") {
        seen = {};
        return { records, regressed };
      }
      if (Object.keys(seen).length < order.seenAt) {
        await new Promise<void>((tell) => (waiting = { count: order.seenAt, tell }));
      }
      waiting.count = Infinity;
      const told = seen;
      seen = {};
      return told;
    },
    close: async () => server.closeAllConnections(),
  };
}
