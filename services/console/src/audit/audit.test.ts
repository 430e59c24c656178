import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

test("changes of state are listed, the newest first, page by page, and by what and who", async () => {
  const { queue, acts, get, post } = await openConsole();
  await post("/api/destinations/crm/hold", { reason: "one" });
  await post("/api/destinations/crm/resume");
  const command = { actor: "ada", via: "command", action: "record.park", target: "crm/customer/1" } as const;
  await queue.acts.note({ ...command, reason: null, result: "parked", details: { object: "customer" } });
  const first = (await get("/api/audit?limit=2")).body;
  expect(first.items.map(({ action }: { action: string }) => action)).toEqual(["record.park", "destination.resume"]);
  expect(first.items[0]).toMatchObject({ ...command, result: "parked", details: { object: "customer" } });
  const second = (await get(`/api/audit?limit=2&cursor=${first.next}`)).body;
  expect(second.items).toMatchObject([{ action: "destination.hold", reason: "one", actor: "operator", via: "token" }]);
  expect(second).toMatchObject({ next: null, searchedTo: null });
  expect(await acts("actor=ada")).toHaveLength(1);
  expect(await acts("target=crm&since=1h")).toHaveLength(2);
  expect(await acts("until=1h")).toEqual([]);
  expect((await get("/api/audit?since=yesterday")).body.error.code).toBe("query_invalid");
  expect((await get("/api/audit?cursor=x")).body.error.code).toBe("cursor_invalid");
});
