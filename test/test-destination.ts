import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { upserted } from "./upserted.ts";

type Sent = { readonly external_id?: string; readonly custom_object_fields: Readonly<Record<string, unknown>> };

/** A record as it was written, and when (ms of the monotonic clock). */
export type Written = { readonly record: string; readonly fields: Sent["custom_object_fields"]; readonly atMs: number };

/**
 * A destination that speaks Zendesk's API, says yes to each write at once, checks no token, and remembers.
 * Its jobs have ended when they are answered, so it lists none.
 */
export type TestDestination = {
  readonly url: string;
  /** The written records in the order in which they came, a job's in the order of its items. */
  readonly written: readonly Written[];
  /** The fields of each record's last write, by record. */
  shown(): ReadonlyMap<string, Sent["custom_object_fields"]>;
  /** From now on each request is answered with this status. Null: as usual again. */
  answerAll(status: number | null): void;
  close(): void;
};

export async function openTestDestination(): Promise<TestDestination> {
  const written: Written[] = [];
  let status: number | null = null;
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method === "GET") return response.end(JSON.stringify({ job_statuses: [] }));
      const body = (await json(request)) as { job?: { items: Sent[] }; custom_object_record?: Sent };
      if (status !== null) return response.writeHead(status).end("{}");
      const single = new URL(request.url ?? "", "http://destination").searchParams.get("external_id") ?? "";
      const items = body.job?.items ?? [{ ...body.custom_object_record!, external_id: single }];
      for (const { external_id: record = "", custom_object_fields: fields } of items) {
        written.push({ record, fields, atMs: performance.now() });
      }
      const results = items.map((_, index) => ({ index, status: "CreateOrUpdate" }));
      const ended = JSON.stringify({ job_status: { id: "j", status: "completed", results } });
      response.end(body.job === undefined ? upserted(request.url) : ended);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    written,
    shown: () => new Map(written.map(({ record, fields }) => [record, fields])),
    answerAll: (given) => void (status = given),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
