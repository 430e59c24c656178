import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hmacOf } from "./hmac.ts";

test.each(["sha1", "sha256", "sha512"] as const)(
  "an HMAC with %s is Node's own, whatever the key and the content",
  (name) => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: "max" });
    fc.assert(
      fc.property(bytes(200), bytes(2_000), (key, content) => {
        expect(hmacOf(key)(name, content)).toEqual(createHmac(name, key).update(content).digest());
      }),
      { seed: 5, numRuns: 300 },
    );
    // A key that is longer than a block is hashed first; one that just fills it is not.
    for (let length = 0; length <= 200; length += 1) {
      const key = Buffer.alloc(length, 0xa5);
      expect(hmacOf(key)(name, key)).toEqual(createHmac(name, key).update(key).digest());
    }
  },
);

test("a key makes the HMACs of one content after another, and of all hashes", () => {
  const key = Buffer.from("key");
  const hmac = hmacOf(key);
  for (const content of [Buffer.from("a"), Buffer.alloc(0), Buffer.alloc(3_000_000, 7), Buffer.from("a")])
    for (const name of ["sha512", "sha1", "sha256"] as const)
      expect(hmac(name, content)).toEqual(createHmac(name, key).update(content).digest());
});
