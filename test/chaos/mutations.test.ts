import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { MUTATIONS } from "./mutations.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test.for(MUTATIONS)("the mutation «$name» still fits the code", ({ file, from }) => {
  expect(readFileSync(`${ROOT}${file}`, "utf8").split(from)).toHaveLength(2);
});
