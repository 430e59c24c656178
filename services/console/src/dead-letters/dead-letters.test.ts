import { expect, test } from "vitest";
import { openConsole } from "../console.fixture.ts";

test("letters of one cause are one group, and each shows its event", async () => {
  const run = await openConsole();
  await run.fail(["a", "b", "c"]);
  const { groups, letters } = (await run.get("/api/letters/groups")).body;
  expect(letters).toBe(3);
  expect(groups).toMatchObject([{ count: 3, code: "mapping_failed", place: "sources.erp.records[0].version" }]);
  const first = (await run.get(`/api/letters?limit=2&group=${groups[0].id}`)).body;
  const second = (await run.get(`/api/letters?limit=2&cursor=${first.next}`)).body;
  expect([...first.items, ...second.items].map(({ id }) => id)).toHaveLength(3);
  expect(second.next).toBeNull();
  const whole = (await run.get(`/api/letters/${groups[0].sample}`)).body;
  expect(whole).toMatchObject({ kind: "event", editable: "event", event: { data: { tier: "gold" } } });
  expect((await run.get("/api/letters/nobody")).body.error.code).toBe("dead_letter_unknown");
});

test("a letter is edited and replayed by a plan that is carried out once", async () => {
  const run = await openConsole();
  await run.fail(["a"]);
  const [letter] = (await run.get("/api/letters")).body.items;
  const selection = { ids: [letter.id] };
  const asIs = (await run.post("/api/letters/plan", { act: "replay", selection })).body;
  expect(asIs).toMatchObject({ letters: 1, would: { leave: 1 }, requests: 0 });
  const edit = { set: { "data.version": "2026-11-28T08:00:00Z" } };
  const run0 = await run.queue.nextRun();
  const { body: plan } = await run.post("/api/letters/plan", { act: "replay", selection, edit });
  expect(plan).toMatchObject({ would: { map_again: 1 }, requests: 1 });
  // A plan does nothing: the number of the next replay is still to be taken.
  expect(await run.queue.nextRun()).toBe(run0 + 1);
  expect(plan.items[0].fields).toEqual([{ field: "data.version", before: "x-0", after: "2026-11-28T08:00:00Z" }]);
  const begun = await run.post("/api/letters/carry-out", { plan: plan.plan });
  expect([begun.status, begun.body.kind]).toEqual([202, "letters.replay"]);
  const task = async () => (await run.get(`/api/tasks/${begun.body.id}`)).body;
  await expect.poll(async () => (await task()).state).toBe("done");
  expect(await task()).toMatchObject({ done: 1, of: 1, problems: [] });
  expect((await run.get("/api/letters")).body.items).toEqual([]);
  expect((await run.post("/api/letters/carry-out", { plan: plan.plan })).body.error.code).toBe("plan_stale");
  await expect.poll(async () => await run.acts("action=letters.replay")).toHaveLength(2);
});

test("all of a group are discarded, and what is gone by then is told as a problem", async () => {
  const run = await openConsole();
  await run.fail(["a", "b", "c"]);
  const { body: plan } = await run.post("/api/letters/plan", {
    act: "discard",
    selection: { filter: { source: "erp" } },
  });
  expect(plan.would).toEqual({ discard: 3 });
  await run.queue.lane("crm").dead.forget(plan.items[0].letter.id);
  const { body } = await run.post("/api/letters/carry-out", { plan: plan.plan });
  await expect.poll(async () => (await run.get(`/api/tasks/${body.id}`)).body.state).toBe("done");
  expect((await run.get(`/api/tasks/${body.id}`)).body).toMatchObject({
    results: { discarded: 2, gone: 1 },
    problems: [{ id: plan.items[0].letter.id, code: "gone" }],
  });
});
