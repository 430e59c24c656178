import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { VERIFY_REASONS } from "@sluice/event";
import { expect, test } from "vitest";

const read = (name: string): string => readFileSync(new URL(`./prometheus/${name}`, import.meta.url), "utf8");
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

test("every alert is set off by a test, and each test names one that there is", () => {
  const alerts = [...read("alerts.yml").matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = ""]) => name);
  const setOff = [...read("alerts.test.yml").matchAll(/alertname: (\w+)\n +exp_alerts:/g)].map(([, name = ""]) => name);
  expect(alerts.length).toBeGreaterThan(20);
  expect([...new Set(setOff)].toSorted()).toEqual(alerts.toSorted());
});

test("the alert about requests that are not authentic takes every reason of which a request may be none", () => {
  const [, reasons = ""] = /alert: SluiceSignaturesRefused\n[^]*?reason=~"([^"]+)"/.exec(read("alerts.yml")) ?? [];
  // Keys that can't be fetched are no fault of the request: it is answered with 503.
  const told = VERIFY_REASONS.filter((reason) => reason !== "key_unavailable");
  expect(told.filter((reason) => !new RegExp(`^(?:${reasons})$`).test(reason))).toEqual([]);
});

test("every alert names its runbook, and each runbook is an alert's", () => {
  const named = [...read("alerts.yml").matchAll(/- alert: (\w+)\n[^]*?runbook: docs\/runbooks\/(\w+)[.]md\n/g)];
  expect(named.length).toBeGreaterThan(20);
  for (const [, alert, runbook] of named) expect(runbook).toBe(alert);
  const pages = readdirSync(new URL("../docs/runbooks/", import.meta.url)).filter((name) => name !== "README.md");
  expect(pages.toSorted()).toEqual(named.map(([, alert]) => `${alert}.md`).toSorted());
});

test("Prometheus' own tool finds that each alert comes when it should", ({ skip }) => {
  skip(!hasPromtool, "promtool is not there: what sets the alerts off was not tried");
  const file = fileURLToPath(new URL("prometheus/alerts.test.yml", import.meta.url));
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
  expect(status, `${stdout}${stderr}`).toBe(0);
});
