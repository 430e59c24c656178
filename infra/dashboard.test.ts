import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { METRICS } from "@sluice/runtime";
import { readDashboard } from "./grafana/dashboard.ts";

const dashboard = readDashboard(new URL("./grafana/dashboards/sluice.json", import.meta.url));
const alerts = readFileSync(new URL("./prometheus/alerts.yml", import.meta.url), "utf8");
const onDashboard = dashboard.queries.map(({ expr }) => expr).join("\n");
const known = Object.keys(METRICS);

/** Metrics that the dashboard leaves out on purpose, each with its reason. */
const notShown: Readonly<Record<string, string>> = {
  sluice_source_info: "it changes with sluice.yaml alone: for joins and for who reviews what each sender proves",
};

test.each([
  ["the dashboard", onDashboard],
  ["the alerts", expressionsOf(alerts)],
])("%s ask for metrics that exist, with labels that they have", (_where, text) => {
  const asked = selectorsIn(text);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter(({ name }) => !known.includes(name))).toEqual([]);
  expect(asked.filter(({ name, labels }) => !labels.every((label) => labelsOf(name).includes(label)))).toEqual([]);
});

test("every metric is on the dashboard, or left out with a reason", () => {
  const shown = new Set(selectorsIn(onDashboard).map(({ name }) => name));
  expect(
    known.filter((name) => !shown.has(name) && notShown[name] === undefined),
    "metrics that no panel of infra/grafana/dashboards/sluice.json asks for, and that `notShown` of this file lacks",
  ).toEqual([]);
  expect(Object.keys(notShown).filter((name) => shown.has(name) || !known.includes(name))).toEqual([]);
});

test("a selector with a misspelt metric or a foreign label is noticed", () => {
  const asked = selectorsIn('rate(sluice_outcome_total{destination="a"}[5m]) / sluice_hold{source="b"}');
  expect(asked).toEqual([
    { name: "sluice_outcome_total", labels: ["destination"] },
    { name: "sluice_hold", labels: ["source"] },
  ]);
  expect(known).not.toContain("sluice_outcome_total");
  expect(labelsOf("sluice_hold")).not.toContain("source");
});

test("every panel has a title, a data source that is provisioned and at least one query", () => {
  const provisioned = readFileSync(
    new URL("./grafana/provisioning/datasources/prometheus.yml", import.meta.url),
    "utf8",
  );
  expect(dashboard.queries.length).toBeGreaterThanOrEqual(dashboard.panels.length);
  for (const panel of dashboard.panels) {
    expect(panel.title).not.toBe("");
    expect(provisioned).toContain(`uid: ${panel.datasource.uid}`);
    expect(panel.targets.length).toBeGreaterThan(0);
  }
  const ids = dashboard.panels.map(({ id }) => id);
  const taken = ids.filter((id, at) => ids.indexOf(id) !== at);
  expect(taken, `ids of two panels; ${Math.max(...ids) + 1} is free`).toEqual([]);
});

test("no panel lies on another, and none reaches beyond the 24 columns", () => {
  const places = new Map<string, string>();
  const faults: string[] = [];
  for (const { title, gridPos } of dashboard.panels) {
    const { x, y, w, h } = gridPos;
    if (x < 0 || x + w > 24) faults.push(`${title} reaches beyond the columns`);
    for (let column = x; column < x + w; column += 1) {
      for (let line = y; line < y + h; line += 1) {
        const other = places.get(`${column} ${line}`);
        if (other !== undefined && other !== title) faults.push(`${title} lies on ${other}`);
        places.set(`${column} ${line}`, title);
      }
    }
  }
  expect([...new Set(faults)]).toEqual([]);
});

/** The histograms' own series are named after their metric. */
function selectorsIn(text: string): { name: string; labels: string[] }[] {
  return [...text.matchAll(/\b(sluice_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, series = "", matchers = ""]) => ({
    name: metricOf(series),
    labels: [...matchers.matchAll(/([a-z_]+)\s*[=!]~?/g)].map(([, label = ""]) => label),
  }));
}

function metricOf(series: string): string {
  const metric = series.replace(/_(bucket|sum|count)$/, "");
  return known.includes(metric) ? metric : series;
}

function labelsOf(name: string): readonly string[] {
  return known.includes(name) ? METRICS[name as keyof typeof METRICS].labels : [];
}

/** The expressions of the rules: behind `expr:`, on its line or folded below it. */
function expressionsOf(rules: string): string {
  return [...rules.matchAll(/expr:\s*>?\s*(.+)/g)].map(([, expression = ""]) => expression).join("\n");
}
