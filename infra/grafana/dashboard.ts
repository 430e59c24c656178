import { readFileSync } from "node:fs";

/** As much of a Grafana dashboard as tests and `try-panels.ts` read. */
export type Dashboard = {
  /** Without the rows. */
  readonly panels: readonly Panel[];
  readonly queries: readonly { readonly panel: string; readonly expr: string }[];
};

export type Panel = {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly expr: string }[];
};

export function readDashboard(file: URL): Dashboard {
  const { panels } = JSON.parse(readFileSync(file, "utf8")) as { panels: Panel[] };
  const drawn = panels.filter(({ type }) => type !== "row");
  return {
    panels: drawn,
    queries: drawn.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ panel: title, expr }))),
  };
}
