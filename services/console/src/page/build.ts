// A program: builds the page from its sources into the folder that it is given. Without one it makes sure that the page is there to be
// served: the installation and the image's build run it so.
import { build } from "vite";
import { builtPage, PAGE_PLACES } from "./built-page.ts";

const [, , outDir] = process.argv;

if (outDir === undefined) await builtPage();
else {
  // Vite builds for development where the caller's environment says so, and a page is named for its sources alone.
  process.env["NODE_ENV"] = "production";
  await build({
    root: PAGE_PLACES.sources,
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
}
