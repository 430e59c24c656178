import { expect, test } from "vitest";
import { laneCounts, laneNames } from "./lanes.ts";
import { readConfiguration } from "./load.ts";

const read = (lanes: number | string) =>
  readConfiguration(
    `
sources: {}
destinations:
  crm: { kind: zendesk, url: http://127.0.0.1:8090, auth: { bearer: t }, lanes: ${lanes} }
  other: { kind: zendesk, url: http://127.0.0.1:8090, auth: { bearer: t } }
`,
    { path: "sluice.yaml", env: {} },
  );

test("a destination begins with as many lanes as the file says, or with one", () => {
  expect(laneCounts(read(16))).toEqual(
    new Map([
      ["crm", 16],
      ["other", 1],
    ]),
  );
  expect(laneNames(read(16))).toEqual(["crm", "other"]);
});

test.each([0, 3, 128, "many"])("%s lanes are refused", (lanes) => {
  expect(() => read(lanes)).toThrow("1, 2, 4, 8, 16, 32 or 64");
});
