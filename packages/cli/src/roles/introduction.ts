import type { Up } from "./up.ts";

/** The text that `sluice up` prints once it is ready: first the address of the page, which signs in by itself. */
export function introduce(
  { urls, adminToken, recordsToken, redis, database, configuration }: Up,
  startedInMs: number,
): string {
  const sources = [...configuration.sources.keys()];
  return [
    `Sluice is ready after ${(startedInMs / 1000).toFixed(1)} s. Its console:`,
    "",
    `  ${consoleAddress(urls.console, adminToken)}`,
    "",
    `  ingress   ${urls.ingress}   ${sources.map((name) => `POST /webhooks/${name}`).join("  ")}`,
    `  worker    ${urls.worker}   /healthz  /readyz  /metrics`,
    `  console   ${urls.console}   /api  /openapi.json   token ${adminToken}`,
    `  records   ${urls.records}   token ${recordsToken}`,
    `  Redis     ${redis}`,
    `  Postgres  ${database}`,
  ].join("\n");
}

/** The part of a URL behind the # is sent to nobody: the page takes the token from there, and out of the address. */
function consoleAddress(url: string, token: string): string {
  return `${url}/#token=${encodeURIComponent(token)}`;
}
