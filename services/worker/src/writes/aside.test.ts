import type { IncomingMessage } from "node:http";
import { status, test, type Handler, type Workplace } from "../worker.fixture.ts";

/** A field that is refused keeps nobody else's from the destination. */

function fieldsOf(at: Workplace, request: IncomingMessage): Record<string, unknown> {
  const body = at.bodyOf(request) as { custom_object_record: { custom_object_fields: Record<string, unknown> } };
  return body.custom_object_record.custom_object_fields;
}

/** Refuses records in which `isBad`, with these details, and shows what it took. */
const refusing =
  (
    { at, shown = {} }: { readonly at: Workplace; readonly shown?: Record<string, unknown> },
    isBad: (fields: Record<string, unknown>) => boolean,
    details: object,
  ): Handler =>
  (request, response) => {
    const fields = fieldsOf(at, request);
    if (isBad(fields)) {
      const body = { error: "RecordInvalid", description: "Record validation errors", details };
      status(422, {}, JSON.stringify(body))(request, response);
      return;
    }
    Object.assign(shown, fields);
    at.ok(request, response);
  };
const NAMED = { currency: [{ description: "Currency: is invalid", error: "InvalidValue" }] };
const UNNAMED = { base: [{ description: "The record can't be saved" }] };
const laneOf = (at: Workplace) => at.door.lane("crm");

test.concurrent("a field that is refused by its name is set aside alone, and the rest is written", async ({
  at,
  expect,
}) => {
  const shown = {};
  at.answer = refusing({ at, shown }, ({ currency }) => currency === "gbp", NAMED);
  await at.work();
  await at.admitFields("r", { currency: "gbp", email: "a@b.c" }, 1n);
  expect(await at.ended(1)).toMatchObject({ applied: 1, dead: 0, pending: 0 });
  expect(shown).toEqual({ email: "a@b.c" });
  const [letter] = await Array.fromAsync(laneOf(at).dead.all());
  expect(letter).toMatchObject({ reason: { code: "RecordInvalid" }, change: { fields: { currency: "gbp" } } });
});

test.concurrent("other senders' updates are applied while it lies there, without a further refusal; a good value heals it", async ({
  at,
  expect,
}) => {
  const shown = {};
  at.answer = refusing({ at, shown }, ({ currency }) => currency === "gbp", NAMED);
  await at.work();
  await at.admitFields("r", { currency: "gbp" }, 1n);
  expect(await at.ended(1)).toMatchObject({ dead: 1 });
  await at.admitFields("r", { email: "a@b.c" }, 2n);
  expect(await at.ended(2)).toMatchObject({ applied: 1, dead: 1, pending: 0 });
  const soFar = at.seen.length;
  await at.admitFields("r", { city: "Bonn" }, 3n);
  expect(await at.ended(3)).toMatchObject({ applied: 2, dead: 1 });
  expect(at.seen.length - soFar).toBe(1);
  expect(shown).toEqual({ email: "a@b.c", city: "Bonn" });
  expect((await laneOf(at).numbers()).deadRecords).toBe(1);
  await at.admitFields("r", { currency: "GBP" }, 4n);
  expect(await at.ended(4)).toMatchObject({ applied: 3, dead: 1, pending: 0 });
  expect(shown).toMatchObject({ currency: "GBP" });
  expect((await laneOf(at).numbers()).deadRecords).toBe(0);
});

test.concurrent("where nothing is named the newcomer alone is tried, after both together were", async ({
  at,
  expect,
}) => {
  const shown = {};
  at.answer = refusing({ at, shown }, ({ currency }) => currency === "gbp", UNNAMED);
  await at.work();
  await at.admitFields("r", { currency: "gbp" }, 1n);
  expect(await at.ended(1)).toMatchObject({ dead: 1 });
  await at.admitFields("r", { email: "a@b.c" }, 2n);
  expect(await at.ended(2)).toMatchObject({ applied: 1, dead: 1, pending: 0 });
  expect(shown).toEqual({ email: "a@b.c" });
  expect((await laneOf(at).numbers()).deadRecords).toBe(1);
});

test.concurrent("what lacked something, and was refused for it, goes along with what brings it", async ({
  at,
  expect,
}) => {
  const shown = {};
  at.answer = refusing({ at, shown }, (fields) => !("name" in fields), UNNAMED);
  await at.work();
  await at.admitFields("r", { email: "a@b.c" }, 1n);
  expect(await at.ended(1)).toMatchObject({ dead: 1 });
  await at.admitFields("r", { city: "Bonn" }, 2n);
  expect(await at.ended(2)).toMatchObject({ dead: 2 });
  await at.admitFields("r", { name: "x" }, 3n);
  expect(await at.ended(3)).toMatchObject({ applied: 1, dead: 2, pending: 0 });
  expect(shown).toEqual({ email: "a@b.c", city: "Bonn", name: "x" });
  expect((await laneOf(at).numbers()).deadRecords).toBe(0);
});

test.concurrent("a set aside field that is replayed is sent again, once the destination takes it", async ({
  at,
  expect,
}) => {
  const shown = {};
  at.answer = refusing({ at, shown }, ({ currency }) => currency === "gbp", NAMED);
  await at.work();
  await at.admitFields("r", { currency: "gbp", email: "a@b.c" }, 1n);
  expect(await at.ended(1)).toMatchObject({ applied: 1 });
  at.answer = refusing({ at, shown }, () => false, {});
  const [letter] = await Array.fromAsync(laneOf(at).dead.all());
  await laneOf(at).dead.replay(letter!.id, { set: new Map(), drop: new Set() });
  expect(await at.ended(2)).toMatchObject({ applied: 2, pending: 0 });
  expect(shown).toEqual({ currency: "gbp", email: "a@b.c" });
});

test.concurrent("an item of a job that is refused without a name is sent alone, where its field is named", async ({
  at,
  expect,
}) => {
  at.answer = (request, response) => {
    if (request.method !== "POST")
      return refusing({ at }, ({ currency }) => currency === "gbp", NAMED)(request, response);
    const results = at.itemsOf(request).map(({ external_id }, index) =>
      external_id === "r3"
        ? {
            index,
            external_id,
            status: "Failed",
            errors: [
              {
                code: "CustomObjectRecordCreateOrUpdateFailed",
                title: "Record validation errors",
                detail: "Currency: is invalid",
              },
            ],
          }
        : { index, external_id, status: "CreateOrUpdate" },
    );
    response.writeHead(200).end(JSON.stringify({ job_status: { id: "j", status: "completed", results } }));
  };
  await at.door.gate("crm").hold(null, "operator");
  await Promise.all(
    Array.from(
      { length: 40 },
      async (_, n) => await at.admitFields(`r${n}`, { currency: n === 3 ? "gbp" : "EUR", email: "e" }, 1n),
    ),
  );
  await at.door.gate("crm").resume();
  await at.work();
  const { applied, dead, letters } = await at.ended(40);
  expect({ applied, dead }).toEqual({ applied: 40, dead: 0 });
  expect(letters).toMatchObject([{ key: { value: "r3" }, change: { fields: { currency: "gbp" } } }]);
  expect(letters[0]?.change).toEqual({ delete: false, fields: { currency: "gbp" } });
});

test.concurrent("of fields that were refused one after the other the letter holds all, and so does the record that is shown", async ({
  at,
  expect,
}) => {
  at.answer = (request, response) => {
    const [bad] = ["currency", "tier"].filter((field) => fieldsOf(at, request)[field] === "bad");
    const details = { [bad ?? ""]: [{ description: `${bad}: is invalid`, error: "InvalidValue" }] };
    refusing({ at }, () => bad !== undefined, details)(request, response);
  };
  await at.work();
  await at.admitFields("r", { currency: "bad", email: "a@b.c" }, 1n);
  await at.ended(1);
  await at.admitFields("r", { tier: "bad", city: "Bonn" }, 2n);
  expect(await at.ended(2)).toMatchObject({ applied: 2, dead: 0, pending: 0 });
  const [letter, ...others] = await Array.fromAsync(laneOf(at).dead.all());
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ change: { fields: { tier: "bad" }, aside: { currency: "bad" } } });
  const view = await laneOf(at).records.show("customer", { by: "external_id", value: "r" });
  expect([...view!.aside.keys()].toSorted()).toEqual(["currency", "tier"]);
});
