import { expect, test } from "vitest";

test.skip("it is hard", () => expect(1).toBe(1));
