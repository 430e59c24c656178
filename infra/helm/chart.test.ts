import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { METRICS, readConfiguration } from "@sluice/runtime";
import { ROLES } from "../../packages/cli/src/roles/role.ts";
import { renderDocuments, renderTemplate, withValues, type Manifest } from "./chart.ts";

const CHART = new URL("./sluice/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, CHART), "utf8");
const TEMPLATES = readdirSync(new URL("templates/", CHART)).filter((name) => name.endsWith(".yaml"));
const VALUES = read("values.yaml");

/** The least that somebody has to say. */
const LEAST = {
  secret: "sluice-secrets",
  configuration: readFileSync(new URL("../compose/sluice.yaml", import.meta.url), "utf8"),
};
/** All that can be switched on. */
const ALL = {
  ...LEAST,
  environment: { SLUICE_LOG: "debug" },
  image: { tag: "1.2.3", pullSecrets: [{ name: "registry" }] },
  roles: {
    records: { enabled: true },
    worker: { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "a", operator: "Exists" }] },
  },
  publicIngress: {
    enabled: true,
    host: "hooks.example.com",
    className: "nginx",
    tlsSecret: "hooks-tls",
    annotations: { a: "b" },
  },
  metrics: { token: true, serviceMonitor: { enabled: true, labels: { release: "prometheus" } } },
  networkPolicy: {
    senders: [{ ipBlock: { cidr: "203.0.113.0/24" } }],
    operators: [{ podSelector: { matchLabels: { app: "sso" } } }],
  },
  keda: { enabled: true, selector: 'namespace="sluice"' },
};

function rootOf(over: object): object {
  const { appVersion } = parse(read("Chart.yaml")) as { appVersion: string };
  return { Values: withValues(VALUES, over), Release: { Name: "my" }, Chart: { AppVersion: appVersion } };
}

function rendered(over: object): readonly Manifest[] {
  return TEMPLATES.flatMap((name) => renderDocuments(read(`templates/${name}`), rootOf(over)));
}

// The parts of a manifest are looked at as Kubernetes would, by their names; a wrong one fails its test.
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

function named(manifests: readonly Manifest[], kind: string): ReadonlyMap<string, Loose> {
  return new Map(manifests.filter((each) => each.kind === kind).map((each) => [each.metadata.name, each]));
}

test("without a secret's name and a configuration nothing is installed, nor with a value that there is not", () => {
  const schema = z.fromJSONSchema(JSON.parse(read("values.schema.json")));
  const accepts = (over: object): boolean => schema.safeParse(withValues(VALUES, over)).success;
  expect(accepts(LEAST)).toBe(true);
  expect(accepts(ALL)).toBe(true);
  expect(accepts({})).toBe(false);
  expect(accepts({ ...LEAST, secret: "" })).toBe(false);
  expect(accepts({ ...LEAST, replicas: 3 })).toBe(false);
  expect(accepts({ ...LEAST, roles: { ingress: { replica: 3 } } })).toBe(false);
  expect(accepts({ ...LEAST, roles: { ingress: { terminationGracePeriodSeconds: 10 } } })).toBe(false);
});

test("each role that there is can be run, listens where its Service and its probes ask, and gets its secrets from the Secret alone", () => {
  const manifests = rendered(ALL);
  const deployments = named(manifests, "Deployment");
  expect([...deployments.keys()].toSorted()).toEqual(ROLES.map((role) => `my-${role}`).toSorted());
  for (const role of ROLES) {
    const { spec } = deployments.get(`my-${role}`);
    const [container] = spec.template.spec.containers;
    const port = container.ports[0].containerPort;
    const variables = new Map(container.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
    expect(container.args).toEqual([role]);
    expect(variables.get(`SLUICE_${role.toUpperCase()}_PORT`)).toBe(String(port));
    expect(named(manifests, "Service").get(`my-${role}`).spec.ports[0]).toMatchObject({ port, targetPort: "http" });
    expect(container.readinessProbe.httpGet.path).toBe("/readyz");
    expect(container.livenessProbe.httpGet.path).toBe("/healthz");
    expect(container.envFrom).toEqual([{ secretRef: { name: "sluice-secrets" } }]);
    expect([...variables.keys()].filter((name) => String(name).includes("TOKEN"))).toEqual([]);
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true });
    for (const kind of ["Service", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor"]) {
      const other = named(manifests, kind).get(`my-${role}`);
      if (other === undefined) continue;
      const selector = other.spec.selector?.matchLabels ?? other.spec.podSelector?.matchLabels ?? other.spec.selector;
      expect(spec.template.metadata.labels, `${kind} of ${role}`).toMatchObject(selector);
    }
  }
  expect(named(manifests, "PodDisruptionBudget").size).toBe(3);
});

test("every manifest is the release's own, by its name and its labels", () => {
  const manifests = rendered(ALL);
  expect(new Set(manifests.map(({ kind }) => kind)).size).toBe(9);
  for (const { kind, metadata } of manifests) {
    expect(metadata.name, kind).toMatch(/^my(?:-|$)/);
    expect(metadata.labels, kind).toMatchObject({ "app.kubernetes.io/instance": "my" });
  }
  const places = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(places).size).toBe(places.length);
});

test("a door is given the time to be noticed and to end, and is replaced only by one that is ready", () => {
  const { spec } = named(rendered(LEAST), "Deployment").get("my-ingress");
  const { drainDelayMs } = readConfiguration("sources: {}\n", { path: "sluice.yaml", env: {} });
  const { periodSeconds, failureThreshold } = spec.template.spec.containers[0].readinessProbe;
  expect(periodSeconds * failureThreshold * 1000).toBeLessThan(drainDelayMs);
  expect(spec.template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(drainDelayMs + 20_000);
  expect(spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
});

test("nobody but who is named reaches a role, and senders reach the ingress alone", () => {
  const policies = named(rendered(LEAST), "NetworkPolicy");
  const openTo = (role: string): Loose[] => policies.get(`my-${role}`).spec.ingress;
  expect(openTo("ingress")[0].from).toBeUndefined();
  for (const role of ["worker", "console"]) expect(openTo(role).every(({ from }) => from.length > 0)).toBe(true);
  const named2 = named(rendered(ALL), "NetworkPolicy");
  expect(named2.get("my-ingress").spec.ingress[0].from).toEqual([{ ipBlock: { cidr: "203.0.113.0/24" } }]);
  const [rule] = named(rendered(ALL), "Ingress").get("my").spec.rules;
  expect(rule.http.paths.map(({ path }: { path: string }) => path)).toEqual(["/webhooks/"]);
});

test("workers are scaled by metrics that there are, and their number is then nobody else's", () => {
  const manifests = rendered(ALL);
  const { spec } = named(manifests, "ScaledObject").get("my-worker");
  expect(spec.scaleTargetRef.name).toBe("my-worker");
  expect(named(manifests, "Deployment").get("my-worker").spec.replicas).toBeUndefined();
  expect(named(rendered(LEAST), "Deployment").get("my-worker").spec.replicas).toBe(2);
  const queries = spec.triggers.map(({ metadata }: { metadata: { query: string } }) => metadata.query).join("\n");
  const asked = [...queries.matchAll(/\bsluice_[a-z_]+/g)].map(([name]) => name);
  expect(asked).toContain("sluice_pending_records");
  expect(asked.filter((name) => !(name in METRICS))).toEqual([]);
  expect(queries).toContain('sluice_pending_records{ namespace="sluice" }');
});

test("the token of the metrics is given to who scrapes them", () => {
  const { spec } = named(rendered(ALL), "ServiceMonitor").get("my-ingress");
  expect(spec.endpoints[0].authorization.credentials).toEqual({ name: "sluice-secrets", key: "SLUICE_METRICS_TOKEN" });
  expect(spec.endpoints[0].relabelings).toEqual([{ targetLabel: "job", replacement: "sluice-ingress" }]);
});

test("a change of the configuration starts the pods anew", () => {
  const sums = [LEAST, { ...LEAST, configuration: `${LEAST.configuration}\n# changed\n` }].map(
    (values) => named(rendered(values), "Deployment").get("my-worker").spec.template.metadata.annotations,
  );
  expect(sums[0]).not.toEqual(sums[1]);
  expect(named(rendered(LEAST), "ConfigMap").get("my-configuration").data["sluice.yaml"]).toBe(LEAST.configuration);
});

test.each([
  ["{{ .Values.missing }}", "there is no"],
  ['{{ include "x" . }}', "not known"],
  ["{{ .Values.image | b64enc }}", "not known"],
  ["{{ .Values.image }}", "a map"],
  ["{{- if .Values.secret }}x", "no end"],
  ["{{- with .Values.image }}{{- end }}", "not known"],
])("%s is told, not left out", (template, problem) => {
  expect(() => renderTemplate(template, rootOf(LEAST))).toThrow(problem);
});

/** Kubernetes' own schemas, and those of the operators, as packages that are too large to be a dependency: `npm install --no-save` them. */
function modelsOf({ apiVersion }: Manifest): string {
  const [version = "", group = ""] = apiVersion.split("/").toReversed();
  if (group === "keda.sh") return `@kubernetes-models/keda/${group}/${version}`;
  if (group === "monitoring.coreos.com") return `@kubernetes-models/prometheus-operator/${group}/${version}`;
  return group === "" ? `kubernetes-models/${version}` : `kubernetes-models/${group}/${version}`;
}

test("every manifest is as Kubernetes' schemas want it", async ({ skip }) => {
  const library = "kubernetes-models";
  const isThere = await import(library).then(
    () => true,
    () => false,
  );
  skip(!isThere, "kubernetes-models is not installed: the manifests were not held against Kubernetes' schemas");
  for (const manifest of [...rendered(LEAST), ...rendered(ALL)]) {
    const models = (await import(modelsOf(manifest))) as Record<string, new (of: Manifest) => { validate(): void }>;
    new models[manifest.kind]!(manifest).validate();
  }
});

test("Helm itself makes the same of the chart", ({ skip }) => {
  skip(spawnSync("helm", ["version"]).status !== 0, "helm is not there: the templates were rendered by chart.ts alone");
  const folder = mkdtempSync(join(tmpdir(), "sluice-chart-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const values of [LEAST, ALL]) {
    const file = join(folder, "values.yaml");
    writeFileSync(file, JSON.stringify(values));
    const made = spawnSync("helm", ["template", "my", fileURLToPath(CHART), "--values", file], { encoding: "utf8" });
    expect(made.status, made.stderr).toBe(0);
    const byHelm = parseAllDocuments(made.stdout).map((each) => each.toJS() as Manifest);
    const key = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;
    expect(new Map(byHelm.map((each) => [key(each), each]))).toEqual(
      new Map(rendered(values).map((each) => [key(each), each])),
    );
  }
});
