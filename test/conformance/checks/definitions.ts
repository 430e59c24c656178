import { chapter } from "../check.ts";
import { expectInvalid, expectNotFound, expectSame, expectStatus, expectTrue } from "../expectation.ts";
import type { Answer, Body } from "../target.ts";

const objectOf = (answer: Answer, status = 200) => expectStatus(answer, status).body?.["custom_object"] as Body;
const fieldOf = (answer: Answer, status = 200) => expectStatus(answer, status).body?.["custom_object_field"] as Body;
const fieldsOf = (answer: Answer) => expectStatus(answer, 200).body?.["custom_object_fields"] as readonly Body[];

export const DEFINITION_CHECKS = chapter("DEF", [
  [
    "documented",
    "an object is created, shown, listed, changed and deleted; its key can't change",
    async (on) => {
      const key = on.fresh("object").replaceAll("-", "_");
      const custom_object = { key, title: "Thing", title_pluralized: "Things" };
      const made = objectOf(await on.api.post("custom_objects", { custom_object }), 201);
      expectSame([made["key"], made["title"], made["raw_title"]], [key, "Thing", "Thing"], "the object");
      const list = expectStatus(await on.api.get("custom_objects"), 200).body?.["custom_objects"] as readonly Body[];
      expectTrue(
        list.some((each) => each["key"] === key),
        "the list lacks it",
      );
      const path = `custom_objects/${key}`;
      const changed = objectOf(await on.api.patch(path, { custom_object: { key: "other", description: "d" } }));
      expectSame([changed["key"], changed["description"]], [key, "d"], "key and description");
      expectStatus(await on.api.delete(path), 204);
      expectNotFound(await on.api.get(path));
    },
  ],
  [
    "client",
    "an object has every member that clients insist on",
    async (on) => {
      const object = objectOf(await on.api.get(`custom_objects/${await on.object("plain")}`));
      const members = ["url", "key", "title", "raw_title", "title_pluralized", "raw_title_pluralized", "description"];
      members.push("raw_description", "include_in_list_view", "allows_photos", "allows_attachments", "created_at");
      members.push("updated_at", "created_by_user_id", "updated_by_user_id");
      expectSame(
        members.filter((member) => !Object.hasOwn(object, member)),
        [],
        "what is missing",
      );
    },
  ],
  [
    "documented",
    "a taken key and a missing title are 422",
    async (on) => {
      const key = await on.object("plain");
      const taken = { key, title: "Thing", title_pluralized: "Things" };
      expectInvalid(await on.api.post("custom_objects", { custom_object: taken }), "key");
      expectStatus(await on.api.post("custom_objects", { custom_object: { key: on.fresh("o") } }), 422);
    },
  ],
  [
    "documented",
    "the list of fields has the standard ones only when asked, and each with its type",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/fields`;
      const own = fieldsOf(await on.api.get(path)).map((field) => `${String(field["key"])}:${String(field["type"])}`);
      const expected = "note:text memo:textarea fragile:checkbox eta:date pieces:integer weight:decimal code:regexp";
      expectSame(
        own,
        [...expected.split(" "), "carrier:dropdown", "labels:multiselect", "parent:lookup"],
        "the fields",
      );
      const all = fieldsOf(await on.api.get(`${path}?include_standard_fields=true`)).map((field) => field["key"]);
      for (const key of ["standard::name", "standard::external_id"]) expectTrue(all.includes(key), `${key} is missing`);
    },
  ],
  [
    "documented",
    "a field is shown by key and by id, changed and deleted",
    async (on) => {
      const path = `custom_objects/${await on.object("unique")}/fields`;
      const key = on.fresh("f").replaceAll("-", "_");
      const made = fieldOf(await on.api.post(path, { custom_object_field: { key, title: "F", type: "integer" } }), 201);
      expectSame(fieldOf(await on.api.get(`${path}/${String(made["id"])}`))["key"], key, "the field by its id");
      const title = { custom_object_field: { title: "G" } };
      expectSame(fieldOf(await on.api.patch(`${path}/${key}`, title))["title"], "G", "title");
      expectStatus(await on.api.delete(`${path}/${key}`), 204);
      expectNotFound(await on.api.get(`${path}/${key}`));
    },
  ],
  [
    "client",
    "PUT changes a field as PATCH does",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/fields/standard::name`;
      const put = fieldOf(await on.api.put(path, { custom_object_field: { description: "Its name" } }));
      expectSame([put["key"], put["description"]], ["standard::name", "Its name"], "the field");
    },
  ],
  [
    "client",
    "a taken field key is refused under key",
    async (on) => {
      const path = `custom_objects/${await on.object("plain")}/fields`;
      const custom_object_field = { key: "note", title: "Note", type: "text" };
      expectInvalid(await on.api.post(path, { custom_object_field }), "key");
    },
  ],
  [
    "documented",
    "names can't be unique and numbered at once, and are frozen once there are records",
    async (on) => {
      const both = { properties: { is_unique: true, autoincrement_enabled: true } };
      const object = await on.object("plain");
      await on.put(object, on.fresh());
      const path = `custom_objects/${object}/fields/standard::name`;
      expectStatus(await on.api.patch(path, { custom_object_field: both }), 422);
      expectStatus(await on.api.patch(path, { custom_object_field: { properties: { is_unique: true } } }), 422);
    },
  ],
  [
    "documented",
    "options that are sent replace the others, whose values leave the records",
    async (on) => {
      const object = await on.object("searched");
      const key = on.fresh("f").replaceAll("-", "_");
      const options = (values: readonly string[]) => ({
        custom_field_options: values.map((value) => ({ id: "null", name: value, value })),
      });
      const path = `custom_objects/${object}/fields`;
      const field = { key, title: "F", type: "dropdown", ...options(["one", "two"]) };
      fieldOf(await on.api.post(path, { custom_object_field: field }), 201);
      const id = on.fresh();
      await on.put(object, id, { custom_object_fields: { [key]: "one" } });
      const changed = fieldOf(await on.api.patch(`${path}/${key}`, { custom_object_field: options(["two", "three"]) }));
      const values = (changed["custom_field_options"] as readonly Body[]).map((each) => each["value"]);
      expectSame(values, ["two", "three"], "the options");
      expectSame((await on.put(object, id)).custom_object_fields[key] ?? null, null, "the record's value");
      expectStatus(await on.api.delete(`${path}/${key}`), 204);
      expectStatus(await on.api.delete(`custom_objects/${object}/records?external_id=${id}`), 204);
    },
  ],
  [
    "client",
    "fields are put in order by their ids",
    async (on) => {
      const path = `custom_objects/${await on.object("strict")}/fields`;
      const before = fieldsOf(await on.api.get(path)).map((field) => field["id"]);
      expectStatus(await on.api.put(`${path}/reorder`, { field_ids: before.toReversed() }), 200);
      expectSame(
        fieldsOf(await on.api.get(path)).map((field) => field["id"]),
        before.toReversed(),
        "the order",
      );
    },
  ],
]);
