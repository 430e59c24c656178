// `npm start` and `npm test` begin here, under whatever Node.js the machine has: plain JavaScript without
// dependencies. It installs missing packages, once, and hands over to the Node.js that the project brings.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const STAMP = join(ROOT, "node_modules", ".sluice-installed");
const BIN = join(ROOT, "node_modules", ".bin");
const PNPM = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).devDependencies.pnpm;

const COMMANDS = {
  install: () => [],
  start: (args) => [join(ROOT, "packages", "cli", "sluice.mjs"), "up", "--samples", ...args],
  test: (args) => [join(ROOT, "node_modules", "vitest", "vitest.mjs"), "run", ...args],
};

const [command = "", ...args] = process.argv.slice(2);
if (!(command in COMMANDS)) {
  console.error(`bootstrap: ${command || "nothing"} is not one of ${Object.keys(COMMANDS).join(", ")}`);
  process.exit(2);
}
await install();
const line = COMMANDS[command](args);
if (line.length > 0) process.exit(await run(join(BIN, "node"), line, { ipc: command === "start" }));

/** Installs if anything that decides what is installed has changed since the last time. */
async function install() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;
  console.log("Installing Sluice's dependencies, Node.js 24 among them (once; about a minute) …");
  // The lock file was made by this version; an older pnpm on the PATH would read it otherwise.
  const pnpm = [
    "exec",
    "--yes",
    `--package=pnpm@${PNPM}`,
    "--",
    "pnpm",
    "install",
    "--frozen-lockfile",
    "--reporter=append-only",
  ];
  const code = await run(process.platform === "win32" ? "npm.cmd" : "npm", pnpm, { quiet: true });
  if (code !== 0) {
    console.error(
      "The installation failed: the lines above say why. It needs the npm registry; run the command again to go on.",
    );
    process.exit(code);
  }
  await buildPage();
  await compile();
  writeFileSync(STAMP, wanted);
}

/**
 * Builds the console's page now, since one waits anyway. The console itself builds a page that is missing or older than its
 * sources: a failure here ends nothing.
 */
async function buildPage() {
  const builder = join(ROOT, "services", "console", "src", "page", "build.ts");
  await run(join(BIN, "node"), [builder], { quiet: true });
}

/** Compiles the command, so that the first run takes no longer than the next ones. A failure here ends nothing, either. */
async function compile() {
  await run(join(BIN, "node"), [join(ROOT, "packages", "cli", "compile.mjs")], { quiet: true });
}

function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  const manifests = ["packages", "services"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name, "package.json")),
  );
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"].map((name) => join(ROOT, name));
  for (const file of [...files, ...manifests.sort()]) if (existsSync(file)) hash.update(readFileSync(file));
  return hash.digest("hex");
}

/** Runs a command in the project's folder and resolves with its exit code; signals are passed on. */
function run(program, parameters, { ipc = false, quiet = false }) {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${BIN}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}` };
    const out = quiet ? "pipe" : "inherit";
    // The channel tells the child when this process is gone, even by SIGKILL.
    const child = spawn(program, parameters, { cwd: ROOT, env, stdio: ["inherit", out, out, ...(ipc ? ["ipc"] : [])] });
    if (quiet) showProgress(child);
    const pass = (signal) => child.kill(signal);
    process.on("SIGINT", pass);
    process.on("SIGTERM", pass);
    const watch = whenNpmEnds(() => pass("SIGTERM"));
    child.on("error", (error) => {
      console.error(`${program} can't be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code, signal) => {
      process.off("SIGINT", pass);
      process.off("SIGTERM", pass);
      clearInterval(watch);
      resolve(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/**
 * `kill` of npm reaches the shell that npm puts between itself and this process, and no further: the shell ends and
 * this process gets another parent. That change is the signal.
 */
function whenNpmEnds(parentGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    parentGone();
  }, 250);
  return watch;
}

/** Shows a dot for each step while all goes well, and all output if a step fails. */
function showProgress(child) {
  const said = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said.push(chunk);
      process.stdout.write(".");
    });
  }
  child.on("close", (code) => {
    process.stdout.write("\n");
    if (code !== 0) process.stderr.write(Buffer.concat(said));
  });
}
