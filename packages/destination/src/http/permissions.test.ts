import { beforeEach, expect, test } from "vitest";
import { createPermissions, type Permissions } from "./permissions.ts";

const SAID = { code: "Forbidden", message: "" };
let permissions: Permissions;
beforeEach(() => {
  permissions = createPermissions();
});
const forbid = (who: string): string => {
  permissions.begin();
  return permissions.forbidden(who, SAID).kind;
};
const grant = (): void => permissions.granted(permissions.begin());

test("one record that is forbidden while others get through is that record's", () => {
  grant();
  expect(forbid("a")).toBe("again");
  grant();
  expect(forbid("a")).toBe("record");
});

test("what is forbidden to everybody is the credentials', and nobody dies of it", () => {
  grant();
  expect(["a", "b", "c", "a", "b"].map(forbid)).toEqual([
    "again",
    "credentials",
    "credentials",
    "credentials",
    "credentials",
  ]);
});

test("a record that is alone waits with its destination until another one was granted", () => {
  expect(["a", "a", "a"].map(forbid)).toEqual(["again", "credentials", "credentials"]);
  grant();
  expect(forbid("a")).toBe("record");
});

test("a request that was under way when everything was forbidden, and is granted late, blames nobody", () => {
  const underWay = permissions.begin();
  expect(forbid("a")).toBe("again");
  permissions.granted(underWay);
  expect(forbid("a")).not.toBe("record");
});

test("the halves of a job that is forbidden while others get through are told so at once", () => {
  const forbidJob = (): string => {
    permissions.begin();
    return permissions.forbidden("job", SAID, true).kind;
  };
  expect(forbidJob()).toBe("again");
  grant();
  expect([forbidJob(), forbidJob(), forbidJob()]).toEqual(["record", "record", "record"]);
});
