import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { renderDocuments, withValues, type Manifest } from "./chart.ts";

/** Prometheus' own tool says how many workers the chart's queries ask for. */

const read = (name: string): string => readFileSync(new URL(`./sluice/${name}`, import.meta.url), "utf8");
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

type Trigger = {
  readonly metricType: string;
  readonly metadata: { readonly query: string; readonly threshold: string };
};

type ScaledObject = Manifest & { readonly spec: { readonly triggers: readonly Trigger[] } };

function scaledObject(keda: object): ScaledObject {
  const Values = withValues(read("values.yaml"), { keda: { enabled: true, selector: 'namespace="sluice"', ...keda } });
  const [scaled] = renderDocuments(read("templates/scaling.yaml"), { Values, Release: { Name: "my" } });
  return scaled as ScaledObject;
}

const triggers = (keda: object = {}): readonly Trigger[] => scaledObject(keda).spec.triggers;

type Destination = {
  /** The part of its places that is taken. */
  readonly taken: number;
  readonly oldest?: number;
  readonly pending?: number;
  /** Why it is held. */
  readonly held?: "breaker" | "operator";
};

const MINUTES = 10;
const PLACES = 16;

/** The intake: how long its oldest webhook has waited, in seconds, and in how many jobs such webhooks are. */
type Waiting = { readonly oldest: number; readonly jobs: number };

/** The series of a fleet in which nothing changes: a value each 15 s. The fleet's numbers are shown by a door. */
function seriesOf(
  workers: number,
  destinations: Readonly<Record<string, Destination>>,
  { oldest: intakeOldest, jobs }: Waiting,
): object[] {
  const steady = (value: number): string => `${value}x${MINUTES * 4}`;
  const labels = (worker: number, more = ""): string =>
    `{job="sluice-worker",namespace="sluice",instance="w${worker}"${more}}`;
  const door = (more = ""): string => `{job="sluice-ingress",namespace="sluice",instance="door"${more}}`;
  const rows: object[] = [
    { series: `sluice_intake_oldest_seconds${door()}`, values: steady(intakeOldest) },
    { series: `sluice_intake_jobs${door(',state="waiting"')}`, values: steady(jobs) },
    { series: `sluice_intake_jobs${door(',state="failed"')}`, values: steady(3) },
  ];
  for (const [name, { taken, oldest = 0, pending = 0, held }] of Object.entries(destinations)) {
    const of = `,destination="${name}"`;
    for (let worker = 0; worker < workers; worker += 1) {
      rows.push({ series: `sluice_request_places${labels(worker, of)}`, values: steady(PLACES) });
      const series = `sluice_request_places_taken_seconds_total${labels(worker, of)}`;
      rows.push({ series, values: `0+${taken * PLACES * 15}x${MINUTES * 4}` });
    }
    rows.push({ series: `sluice_oldest_pending_seconds${door(of)}`, values: steady(oldest) });
    rows.push({ series: `sluice_pending_records${door(of)}`, values: steady(pending) });
    if (held !== undefined) rows.push({ series: `sluice_hold${door(`${of},reason="${held}"`)}`, values: steady(1) });
  }
  // Another fleet in the same Prometheus, which is late, asks for nobody here.
  rows.push({ series: 'sluice_oldest_pending_seconds{namespace="other",destination="crm"}', values: steady(10_000) });
  rows.push({ series: 'sluice_pending_records{namespace="other",destination="crm"}', values: steady(10_000) });
  rows.push({ series: 'sluice_intake_jobs{namespace="other",state="waiting"}', values: steady(10_000) });
  rows.push({ series: 'sluice_request_places{namespace="other",destination="crm"}', values: steady(PLACES) });
  return rows;
}

const CASES: readonly {
  readonly name: string;
  readonly workers: number;
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly intake?: Waiting;
  readonly wanted: readonly [destinations: number, intake: number];
}[] = [
  {
    name: "late and busy: as many more as keep the places taken as they should be",
    workers: 2,
    destinations: { crm: { taken: 1, oldest: 600 } },
    wanted: [2.5, 0],
  },
  {
    name: "busy and a little late: as many more as that asks for",
    workers: 10,
    destinations: { crm: { taken: 1, oldest: 66 } },
    wanted: [11, 0],
  },
  {
    name: "late by records, not by age",
    workers: 4,
    destinations: { crm: { taken: 1, oldest: 5, pending: 9000 } },
    wanted: [4.5, 0],
  },
  {
    name: "late at a quota that leaves most places free: fewer",
    workers: 8,
    destinations: { crm: { taken: 0.2, oldest: 3600, pending: 1_000_000 } },
    wanted: [2, 0],
  },
  { name: "busy and in time: nobody is added", workers: 3, destinations: { crm: { taken: 0.95 } }, wanted: [3, 0] },
  { name: "hardly busy and in time: fewer", workers: 8, destinations: { crm: { taken: 0.1 } }, wanted: [1, 0] },
  {
    name: "held: for one, whose probe ends it",
    workers: 2,
    destinations: { crm: { taken: 1, oldest: 600, pending: 9000, held: "breaker" } },
    wanted: [1, 0],
  },
  {
    name: "held by an operator: for nobody",
    workers: 2,
    destinations: { crm: { taken: 1, oldest: 600, pending: 9000, held: "operator" } },
    wanted: [0, 0],
  },
  {
    name: "one held, another late: for the other",
    workers: 2,
    destinations: { crm: { taken: 0, oldest: 600, held: "breaker" }, erp: { taken: 0.8, oldest: 90 } },
    wanted: [2, 0],
  },
  {
    name: "webhooks that wait to be understood",
    workers: 2,
    destinations: { crm: { taken: 0 } },
    intake: { oldest: 15, jobs: 40 },
    wanted: [0, 3],
  },
  {
    name: "webhooks that wait for long: twice as many at the most",
    workers: 2,
    destinations: { crm: { taken: 0 } },
    intake: { oldest: 900, jobs: 4000 },
    wanted: [0, 4],
  },
  { name: "no worker runs, and nothing waits: none", workers: 0, destinations: { crm: { taken: 0 } }, wanted: [0, 0] },
  {
    name: "no worker runs, and a webhook waits to be understood: the first",
    workers: 0,
    destinations: { crm: { taken: 0 } },
    intake: { oldest: 2, jobs: 1 },
    wanted: [0, 1],
  },
  {
    name: "no worker runs, and a record is pending: the first",
    workers: 0,
    destinations: { crm: { taken: 0, oldest: 2, pending: 1 }, erp: { taken: 0 } },
    wanted: [1, 0],
  },
  {
    name: "no worker runs, and what is pending is held by the breaker: the first",
    workers: 0,
    destinations: { crm: { taken: 0, oldest: 600, pending: 500, held: "breaker" } },
    wanted: [1, 0],
  },
  {
    name: "no worker runs, and what is pending is held by an operator: none",
    workers: 0,
    destinations: { crm: { taken: 0, oldest: 600, pending: 500, held: "operator" } },
    wanted: [0, 0],
  },
  {
    name: "the last worker stays while a record waits for its next attempt",
    workers: 1,
    destinations: { crm: { taken: 0, oldest: 5, pending: 1 } },
    wanted: [1, 0],
  },
];

test("the fallback is heard: each trigger asks for a number of workers", () => {
  // A fallback works with AverageValue alone, and a number of workers is that metric at a threshold of one.
  expect(triggers().map(({ metricType, metadata }) => [metricType, metadata.threshold])).toEqual([
    ["AverageValue", "1"],
    ["AverageValue", "1"],
  ]);
});

test("the last worker may go, but where Prometheus does not answer one runs", () => {
  expect(scaledObject({ minReplicas: 0 }).spec).toMatchObject({ minReplicaCount: 0, fallback: { replicas: 1 } });
  expect(scaledObject({ minReplicas: 3 }).spec).toMatchObject({ minReplicaCount: 3, fallback: { replicas: 3 } });
});

test("as many workers are asked for as help: by what is late, unless it is held, as far as they are busy", ({
  skip,
}) => {
  skip(!hasPromtool, "promtool is not there: the queries of the chart were not tried");
  const expressions = triggers().map(({ metadata }) => metadata.query);
  const folder = mkdtempSync(join(tmpdir(), "sluice-scaling-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const nothing: Waiting = { oldest: 0, jobs: 0 };
  const tests = CASES.map(({ name, workers, destinations, intake = nothing, wanted }) => ({
    name,
    interval: "15s",
    input_series: seriesOf(workers, destinations, intake),
    promql_expr_test: expressions.map((expr, at) => ({
      expr,
      eval_time: `${MINUTES}m`,
      exp_samples: [{ labels: "{}", value: wanted[at] }],
    })),
  }));
  const file = join(folder, "scaling.test.yml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ rule_files: [], evaluation_interval: "15s", tests }));
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  expect(status, `${stdout}${stderr}`).toBe(0);
});
