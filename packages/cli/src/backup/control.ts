import { timingSafeEqual } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { randomBytes } from "node:crypto";
import { describeError, SluiceError, type Shutdown } from "@sluice/runtime";
import type { Manifest } from "./backup.ts";

/** The place where a `sluice up` of this data directory hears its other commands; only the directory's owner can read the token. */
type Control = { readonly url: string; readonly token: string };

const CONTROL_FILE = "control.json";

/** Serves backups on the loopback address while Sluice runs: the embedded Postgres is in its process. */
export async function serveControl(
  dataDir: string,
  backup: (to: string) => Promise<Manifest>,
  shutdown: Shutdown,
): Promise<void> {
  const token = randomBytes(32).toString("hex");
  const expected = Buffer.from(`Bearer ${token}`);
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isOurs || request.method !== "POST" || request.url !== "/backup") {
      request.resume();
      response.writeHead(404).end();
      return;
    }
    const answer = async (): Promise<void> => {
      const { to } = (await json(request)) as { to: string };
      response.end(JSON.stringify(await backup(to)));
    };
    answer().catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ why: describeError(error) }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(dataDir, CONTROL_FILE);
  writeFileSync(file, JSON.stringify({ url, token } satisfies Control), { mode: 0o600 });
  shutdown.add({
    name: "control",
    async stop() {
      rmSync(file, { force: true });
      server.closeAllConnections();
      server.close();
    },
  });
}

/** Asks the Sluice that runs on this data directory for a backup. Undefined: no Sluice runs there. */
export async function askForBackup(dataDir: string, to: string): Promise<Manifest | undefined> {
  const control = readControl(dataDir);
  if (control === undefined) return undefined;
  const headers = { authorization: `Bearer ${control.token}` };
  const response = await fetch(`${control.url}/backup`, {
    method: "POST",
    headers,
    body: JSON.stringify({ to }),
  }).catch(() => undefined);
  if (response === undefined) return undefined;
  const said = (await response.json()) as Manifest | { readonly why: string };
  if (!("why" in said)) return said;
  throw new SluiceError(`the Sluice that runs could not make the backup: ${said.why}`, { code: "backup_failed" });
}

function readControl(dataDir: string): Control | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, CONTROL_FILE), "utf8")) as Control;
  } catch {
    return undefined;
  }
}
