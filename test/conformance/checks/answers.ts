import { chapter } from "../check.ts";
import { expectNotFound, expectSame, expectStatus, expectTrue } from "../expectation.ts";
import { agentOf } from "../target.ts";

export const ANSWER_CHECKS = chapter("ERR", [
  [
    "client",
    "without credentials, and with wrong ones, the same 401",
    async (on) => {
      const wrong = ["Bearer wrong", `Basic ${Buffer.from("nobody@example.com/token:wrong").toString("base64")}`];
      for (const authorization of [undefined, ...wrong]) {
        const answer = expectStatus(await on.as(authorization).get("custom_objects"), 401);
        expectSame(answer.body, { error: "Couldn't authenticate you" }, "the body");
      }
    },
  ],
  [
    "client",
    "an agent may write records but not define: 403 with the Forbidden envelope",
    async (on) => {
      const agent = agentOf(on);
      const object = await on.object("plain");
      const path = `custom_objects/${object}/records?external_id=${on.fresh()}`;
      expectStatus(await agent.patch(path, { custom_object_record: { name: "x" } }), 200);
      const refused = expectStatus(
        await agent.patch(`custom_objects/${object}`, { custom_object: { title: "X" } }),
        403,
      );
      expectSame((refused.body?.["error"] as { title?: string } | undefined)?.title, "Forbidden", "error.title");
    },
  ],
  [
    "client",
    "an unknown record is RecordNotFound, an unknown path InvalidEndpoint",
    async (on) => {
      expectNotFound(await on.api.get(`custom_objects/${await on.object("plain")}/records/01ARZ3NDEKTSV4RRFFQ69G5FAV`));
      const { body } = expectStatus(await on.api.get("no_such_endpoint"), 404);
      expectSame(body, { error: "InvalidEndpoint", description: "Not found" }, "the body");
    },
  ],
  [
    "documented",
    "a 422 is a map of lists, one list for each member that is wrong",
    async (on) => {
      const fields = { carrier: "nope", pieces: "x" };
      const { body } = expectStatus(
        await on.upsert(await on.object("plain"), on.fresh(), { name: "x", custom_object_fields: fields }),
        422,
      );
      expectSame(Object.keys(body?.["details"] ?? {}).toSorted(), ["carrier", "pieces"], "the members");
    },
  ],
  [
    "ruling",
    "a body that is not JSON is 400",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/records?external_id=e`;
      for (const body of ["", "nonsense", '{"custom_object_record":{'])
        expectStatus(await on.api.patch(path, body), 400);
    },
  ],
  [
    "client",
    "answers carry the vendor's headers",
    async (on) => {
      const { headers } = expectStatus(await on.api.get("custom_objects"), 200);
      expectTrue(/^application\/json; ?charset=utf-8$/i.test(headers.get("content-type") ?? ""), "Content-Type");
      expectSame(headers.get("x-zendesk-api-version"), "v2", "X-Zendesk-API-Version");
      for (const name of ["x-rate-limit", "x-rate-limit-remaining"]) {
        expectTrue(/^\d+$/.test(headers.get(name) ?? ""), `${name} is ${headers.get(name)}`);
      }
    },
  ],
  [
    "documented",
    "every path answers with .json behind it too, also before a query",
    async (on) => {
      const object = await on.object("listed");
      const { id } = await on.put(object, "seven 1");
      const paths = ["", `/${object}`, `/${object}/fields`, `/${object}/fields/note`, `/${object}/records`];
      paths.push(`/${object}/records/${id}`, `/${object}/records/count`);
      for (const path of paths) {
        const plain = expectStatus(await on.api.get(`custom_objects${path}?locale=en`), 200);
        const twin = expectStatus(await on.api.get(`custom_objects${path}.json?locale=en`), 200);
        expectSame(Object.keys(twin.body ?? {}), Object.keys(plain.body ?? {}), `the members of ${path}.json`);
      }
    },
  ],
  [
    "client",
    "a content type without a body is no fault on GET and DELETE",
    async (on) => {
      const object = await on.object("plain");
      const { id } = await on.put(object, on.fresh());
      const json = { "Content-Type": "application/json" };
      expectStatus(await on.api.get(`custom_objects/${object}/records.json`, undefined, json), 200);
      expectStatus(await on.api.delete(`custom_objects/${object}/records/${id}.json`, undefined, json), 204);
    },
  ],
  [
    "ruling",
    "an Idempotency-Key is accepted and changes nothing",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/records?external_id=${on.fresh()}`;
      const key = { "Idempotency-Key": "one" };
      for (const name of ["a", "b"])
        expectStatus(await on.api.patch(path, { custom_object_record: { name } }, key), 200);
    },
  ],
]);
