// A program: builds the page from its sources into the folder that it is given, or to where it is served from.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { fingerprint, PAGE_PLACES, STAMP } from "./built-page.ts";

const root = PAGE_PLACES.sources;
const outDir = process.argv[2] ?? PAGE_PLACES.built;

await build({
  root,
  configFile: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2023",
    // Browsers that know `light-dark()`, which the style needs, preload modules by themselves.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
writeFileSync(join(outDir, STAMP), fingerprint(root));
