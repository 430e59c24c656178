import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

test("without a history nobody knows which values were confirmed, and the answer says how to keep one", async () => {
  const at = await openConsole();
  for (const answer of [
    await at.post("/api/reconciles", { destination: "crm" }),
    await at.get("/api/reconciles"),
    await at.get("/api/reconciles/x"),
    await at.post("/api/reconciles/x/abort"),
  ]) {
    expect([answer.status, answer.body.error.code]).toEqual([503, "history_off"]);
  }
});

test("a destination that the configuration lacks, and a sample of none, are refused", async () => {
  const at = await openConsole();
  const refused = async (body: object) => (await at.post("/api/reconciles", body)).body.error.code;
  expect(await refused({ destination: "nobody" })).toBe("destination_unknown");
  expect(await refused({ destination: "crm", sample: 0 })).toBe("body_invalid");
});
