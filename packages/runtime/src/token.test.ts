import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readToken } from "./token.ts";

const newDirectory = (): string => join(mkdtempSync(join(tmpdir(), "sluice-token-")), "data");

test("a token from the environment is taken and kept nowhere", () => {
  const dataDir = newDirectory();
  expect(readToken("SLUICE_OTHER_TOKEN", { env: { SLUICE_OTHER_TOKEN: "given" }, dataDir })).toBe("given");
  expect(() => statSync(dataDir)).toThrow(/ENOENT/);
});

test("without one it is made once, kept for its owner alone, and each name has its own", () => {
  const dataDir = newDirectory();
  const made = readToken("SLUICE_RECORDS_TOKEN", { env: { SLUICE_RECORDS_TOKEN: "" }, dataDir });
  expect(made).toMatch(/^[\w-]{32}$/);
  expect(readToken("SLUICE_RECORDS_TOKEN", { env: {}, dataDir })).toBe(made);
  expect(readToken("SLUICE_OTHER_TOKEN", { env: {}, dataDir })).not.toBe(made);
  expect(statSync(join(dataDir, "records-token")).mode & 0o777).toBe(0o600);
});
