import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { holdText } from "./hold-text.ts";

const GATE = readFileSync(new URL("../../../docs/gate.md", import.meta.url), "utf8");

test("every reason of a hold has words of its own", () => {
  const table = GATE.slice(GATE.indexOf("| reason | begins when"));
  const documented = [...table.slice(0, table.indexOf("\n\n")).matchAll(/^\| `([a-z_]+)` \|/gm)].map(
    ([, name]) => name!,
  );
  expect(documented).toEqual(expect.arrayContaining(["breaker", "state_went_back", "operator"]));
  for (const reason of documented) expect(holdText(reason), reason).toMatch(/^(?:it|its|an|the) /);
});

test("a reason that has none is told as it is", () => {
  expect(holdText("too_warm")).toBe("too warm");
});
