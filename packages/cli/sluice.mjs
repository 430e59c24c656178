#!/usr/bin/env node
// `sluice`: main.ts, and all that it loads, as it was compiled the last time. To strip its types and compile it again takes half of
// the processor time of most commands. This file is JavaScript because Node.js loads what strips types for the first file
// otherwise. A folder that can't be written to is no fault: in the image compile.mjs has filled it. NODE_COMPILE_CACHE names another one.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/sluice", import.meta.url)));
await import("./src/main.ts");
