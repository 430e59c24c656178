import type { Up } from "./up.ts";

/** What `sluice up` says once it is ready. */
export function introduce(
  { urls, adminToken, recordsToken, redis, database, configuration }: Up,
  startedInMs: number,
): string {
  const sources = [...configuration.sources.keys()];
  return [
    `Sluice is ready after ${(startedInMs / 1000).toFixed(1)} s.`,
    "",
    `  ingress   ${urls.ingress}   ${sources.map((name) => `POST /webhooks/${name}`).join("  ")}`,
    `  worker    ${urls.worker}   /healthz  /readyz  /metrics`,
    `  console   ${urls.console}   /api  /openapi.json   token ${adminToken}`,
    `  records   ${urls.records}   token ${recordsToken}`,
    `  Redis     ${redis}`,
    `  Postgres  ${database}`,
  ].join("\n");
}
