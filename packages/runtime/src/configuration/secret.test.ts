import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigurationError } from "./fault.ts";
import { readConfiguration } from "./load.ts";
import { acceptedSecrets } from "./secret.ts";
import { watchConfiguration } from "./watch.ts";

const withSecrets = (secrets: string): string => `
sources:
  shop:
    scheme: shopify
    secrets: ${secrets}
    records: []
`;
const read = (secrets: string) =>
  readConfiguration(withSecrets(secrets), { path: "sluice.yaml", env: { OLD: "the-old-one" } }).sources.get("shop")!
    .secrets;

function faultOf(secrets: string): { place: string; message: string } | undefined {
  try {
    read(secrets);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults[0];
    throw error;
  }
  return undefined;
}

test("a secret is a text, or a value with the time after which it is not accepted", () => {
  const secrets = read('[new, { value: "${OLD}", not_after: 2026-12-31T23:00:00+01:00 }]');
  const endMs = Date.UTC(2026, 11, 31, 22);
  expect(secrets).toEqual([
    { value: "new", number: 1, notAfterMs: null },
    { value: "the-old-one", number: 2, notAfterMs: endMs },
  ]);
  const accepted = (nowMs: number): number[] => acceptedSecrets(secrets, nowMs).map(({ number }) => number);
  expect(accepted(endMs)).toEqual([1, 2]);
  expect(accepted(endMs + 1)).toEqual([1]);
});

test.each([
  ["a time that is none", "[{ value: a, not_after: tomorrow }]", "sources.shop.secrets[0].not_after"],
  ["an empty value", '[{ value: "" }]', "sources.shop.secrets[0].value"],
  ["a key that is unknown", "[{ value: a, until: 2026-12-31T23:00:00Z }]", "sources.shop.secrets[0].until"],
  ["more than are tried", `[${"a, ".repeat(9)}]`, "sources.shop.secrets"],
])("%s is a fault at its place", (_, secrets, place) => {
  expect(faultOf(secrets)?.place).toBe(place);
});

test("a secret whose link is pointed elsewhere is a change, and so is an edit of the file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-watch-"));
  // An orchestrator lays a secret out like this: the file is a link through a folder that is swapped as a whole.
  const fill = (name: string, value: string): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "secret"), value);
  };
  fill("first", "one");
  fill("second", "two");
  symlinkSync("first", join(folder, "current"));
  symlinkSync(join("current", "secret"), join(folder, "secret"));
  const path = join(folder, "sluice.yaml");
  writeFileSync(path, withSecrets(`["\${file:${join(folder, "secret")}}"]`));

  let changes = 0;
  let changed = Promise.withResolvers<void>();
  const watch = watchConfiguration({
    path,
    everyMs: 20,
    onChange() {
      changes += 1;
      changed.resolve();
      changed = Promise.withResolvers();
    },
  });
  try {
    const swapped = changed.promise;
    symlinkSync("second", join(folder, "next"));
    renameSync(join(folder, "next"), join(folder, "current"));
    await swapped;
    expect(changes).toBe(1);

    const edited = changed.promise;
    writeFileSync(path, `${withSecrets("[other]")}# edited\n`);
    await edited;
    expect(changes).toBe(2);
  } finally {
    watch.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
