import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

test("without a history nothing of the past can be understood again, and the answer says how to keep one", async () => {
  const at = await openConsole();
  for (const answer of [
    await at.post("/api/replays", { filter: { source: "erp" } }),
    await at.get("/api/replays"),
    await at.get("/api/replays/x"),
    await at.post("/api/replays/x/run"),
  ]) {
    expect([answer.status, answer.body.error.code]).toEqual([503, "history_off"]);
  }
});
