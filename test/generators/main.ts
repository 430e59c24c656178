import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startRecords } from "@sluice/records";
import { createLog, openDatabase, systemClock } from "@sluice/runtime";

/*
 * `pnpm generators`: clients are generated from the store's own document by five generators, compiled strictly, and each
 * upserts a record. The generators are installed for the command, beside the workspace; `npm test` has a cheap guard in openapi.test.ts.
 */
const HERE = fileURLToPath(new URL(".", import.meta.url));
const KEPT = fileURLToPath(new URL("../../node_modules/.cache/sluice-generators/", import.meta.url));
const TOKEN = "generators-token";
const CLIENTS = [
  "openapi-typescript",
  "@hey-api/openapi-ts",
  "orval",
  "oazapfts",
  "openapi-typescript-codegen",
] as const;

/** Bundled code asks for Node's modules in the older way. */
const BANNER = '--banner:js=import{createRequire}from"node:module";const require=createRequire(import.meta.url);';

const run = promisify(execFile);
const npm = join(dirname(process.execPath), "npm");
mkdirSync(KEPT, { recursive: true });
cpSync(join(HERE, "package.json"), join(KEPT, "package.json"));
await run(existsSync(npm) ? npm : "npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: KEPT });

const dataDir = mkdtempSync(join(tmpdir(), "sluice-generators-"));
const log = createLog({ role: "generators", level: "silent" });
const database = await openDatabase({ dataDir, log });
const tokens = [{ token: TOKEN, role: "admin" }] as const;
const fields = new Map([["tier", { key: "tier", type: "text", title: "Tier", options: new Map<string, string>() }]]);
const objects = [{ key: "thing", title: "Thing", titlePluralized: "Things", uniqueNames: false, fields }];
const store = await startRecords({ database, tokens, port: 0, clock: systemClock, log, objects });
try {
  const said = await generateCompileAndCall(store.url);
  console.log(said);
  const wanted = { ...Object.fromEntries(CLIENTS.map((name) => [name, name])), "simple-oauth2": "200" };
  for (const [name, written] of Object.entries(wanted)) {
    if ((JSON.parse(said) as Record<string, unknown>)[name] !== written)
      throw new Error(`${name} did not write its record`);
  }
} finally {
  await store.close();
  await database.close();
  rmSync(dataDir, { recursive: true });
}

async function generateCompileAndCall(url: string): Promise<string> {
  const out = join(KEPT, "out");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const document = join(KEPT, "openapi.json");
  writeFileSync(document, await (await fetch(`${url}/openapi.json`)).text());
  const orval = { input: document, output: { target: "./out/orval.ts", client: "fetch", baseUrl: url } };
  writeFileSync(join(KEPT, "orval.config.cjs"), `module.exports = ${JSON.stringify({ api: orval })};\n`);
  await tool("openapi-typescript", document, "-o", "out/openapi-typescript.ts");
  await tool("openapi-ts", "-i", document, "-o", "out/hey");
  await tool("orval", "--config", "orval.config.cjs");
  await tool("oazapfts", document, "out/oazapfts.ts");
  await tool("openapi", "-i", document, "-o", "out/codegen", "--client", "fetch");
  cpSync(join(HERE, "callers.ts.txt"), join(out, "callers.ts"));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "es2022",
    lib: ["es2023", "dom", "dom.iterable"],
    skipLibCheck: true,
    types: [],
  };
  writeFileSync(join(KEPT, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["out"] }));
  await tool("tsc", "-p", "tsconfig.json");
  await tool(
    "esbuild",
    "out/callers.ts",
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--outfile=out/callers.mjs",
    BANNER,
  );
  const { stdout } = await run(process.execPath, ["out/callers.mjs", url, TOKEN], { cwd: KEPT });
  return stdout.trim();
}

async function tool(name: string, ...args: readonly string[]): Promise<void> {
  const bin = join(KEPT, "node_modules", ".bin", name);
  try {
    // Under the Node.js that runs this: the machine's own may be too old for them.
    await run(bin, args, {
      cwd: KEPT,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${name} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
