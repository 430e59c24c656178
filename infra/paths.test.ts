import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Files of containers, units and the chart, and the tools beside them. Most of their paths are opened by a build, a start or a reader alone. */
const FILES = [
  ".dockerignore",
  "docker-compose.yml",
  ...globSync("infra/**/*.{ts,yml,yaml,conf,service,example,txt}", { cwd: ROOT }),
  "infra/Dockerfile",
].filter((path) => !path.endsWith(".test.ts"));

/** A build makes them, and a checkout may have none. */
const BUILT = /^(services\/console\/page\/dist|node_modules\/\.cache)/;

const PATH = /(?<![\w.-])(?:packages|services|infra|test|docs|node_modules\/\.bin)(?:\/[\w.@*-]+)+/g;

function lostPaths(text: string): string[] {
  return [...text.matchAll(PATH)]
    .map(([path]) => path.replace(/[.*]+$/, ""))
    .filter((path) => !BUILT.test(path) && !existsSync(join(ROOT, path)));
}

test.each(FILES)("every path of the tree that %s names is there", (file) => {
  expect(lostPaths(read(file))).toEqual([]);
});

test("a path that has moved is noticed", () => {
  const moved = 'CMD ["node", "infra/moved.ts"] /opt/sluice/packages/cli/moved.mjs ./infra/moved:/etc/x test/moved.';
  expect(lostPaths(moved)).toEqual(["infra/moved.ts", "packages/cli/moved.mjs", "infra/moved", "test/moved"]);
  expect(FILES.filter((file) => [...read(file).matchAll(PATH)].length > 0).length).toBeGreaterThan(8);
});

type Service = {
  readonly image?: string;
  readonly build?: object;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
};
type Compose = { readonly services: Readonly<Record<string, Service>> };
const COMPOSE = parse(read("docker-compose.yml"), { merge: true }) as Compose;

test("no two services are built under one name: the last build to end would be the image of both", () => {
  const built = Object.values(COMPOSE.services).filter(({ build }) => build !== undefined);
  expect(built.length).toBeGreaterThan(1);
  const names = built.flatMap(({ image }) => image ?? []);
  expect(names).toEqual([...new Set(names)]);
});

test("every rule file, and every folder of dashboards, is where its reader looks for it", () => {
  const { rule_files: rules } = parse(read("infra/prometheus/prometheus.yml")) as { rule_files: string[] };
  for (const file of rules) expect(existsSync(join(ROOT, "infra/prometheus", file)), file).toBe(true);
  const { volumes, environment } = COMPOSE.services["grafana"]!;
  const mounts = volumes!.map((volume) => volume.split(":")[1]);
  const { providers } = parse(read("infra/grafana/provisioning/dashboards/sluice.yml")) as {
    providers: { options: { path: string } }[];
  };
  for (const { options } of providers) expect(mounts).toContain(options.path);
  expect(mounts).toContain(dirname(environment!["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]!));
});

test("a command that a page runs in a container finds the console there, and its token", () => {
  const pages = globSync("{README.md,{docs,infra}/**/*.md}", { cwd: ROOT }).map(read).join("\n");
  const runs = [...pages.matchAll(/docker compose exec (?:-T )?(\S+) node (\S+)/g)];
  expect(runs.length).toBeGreaterThan(1);
  for (const [run, service = "", file = ""] of runs) {
    expect(COMPOSE.services[service]?.environment, run).toHaveProperty("SLUICE_ADMIN_TOKEN");
    expect(existsSync(join(ROOT, file)), run).toBe(true);
  }
});
