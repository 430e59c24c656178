import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findToken, readToken } from "./token.ts";

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

test("who asks a role finds the token that the role has made, and makes none", () => {
  const dataDir = newDirectory();
  expect(findToken("SLUICE_OTHER_TOKEN", { env: { SLUICE_OTHER_TOKEN: "given" }, dataDir })).toBe("given");
  expect(findToken("SLUICE_OTHER_TOKEN", { env: {}, dataDir })).toBeUndefined();
  expect(() => statSync(dataDir)).toThrow(/ENOENT/);
  const made = readToken("SLUICE_OTHER_TOKEN", { env: {}, dataDir });
  expect(findToken("SLUICE_OTHER_TOKEN", { env: {}, dataDir })).toBe(made);
});

test("where none can be made, the variable that it could be set by is named", () => {
  const dataDir = newDirectory();
  writeFileSync(dataDir, "a file, in which no token can be kept");
  expect(() => readToken("SLUICE_OTHER_TOKEN", { env: {}, dataDir })).toThrow(
    expect.objectContaining({
      code: "data_directory_unusable",
      hint: expect.stringContaining("set SLUICE_OTHER_TOKEN"),
    }),
  );
});
