/**
 * Asks a Prometheus for what each panel of the dashboard asks, and prints how many series came back.
 *
 *     node infra/grafana/try-panels.ts http://127.0.0.1:9090
 *
 * Exits 1 when a query fails or finds nothing. A panel can be empty for a good reason (nothing was ever refused), so
 * before this is run something of everything should have happened.
 */
import { readDashboard } from "./dashboard.ts";

const prometheus = process.argv[2] ?? "http://127.0.0.1:9090";
const { queries } = readDashboard(new URL("./dashboards/sluice.json", import.meta.url));

let empty = 0;
for (const { panel, expr } of queries) {
  const { series, shown } = await ask(asGrafanaWould(expr));
  if (series === 0) empty += 1;
  console.log(`${String(series).padStart(3)}  ${panel.padEnd(28)} ${shown}`);
}
console.log(`\n${queries.length - empty} of ${queries.length} queries returned data`);
process.exitCode = empty === 0 ? 0 : 1;

/** With every variable at "All". */
function asGrafanaWould(expr: string): string {
  return expr.replaceAll(/\$(source|destination)\b/g, ".*").replaceAll("$__rate_interval", "1m");
}

async function ask(query: string): Promise<{ series: number; shown: string }> {
  const response = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
  const answer = (await response.json()) as Answer;
  if (answer.status !== "success") return { series: 0, shown: `${answer.error} in ${query}` };
  const { result } = answer.data;
  const shown = result.slice(0, 3).map(({ metric, value }) => `${Object.values(metric).join(" ")} = ${value[1]}`);
  return { series: result.length, shown: shown.join("; ") };
}

type Answer =
  | {
      readonly status: "success";
      readonly data: {
        readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
      };
    }
  | { readonly status: "error"; readonly error: string };
