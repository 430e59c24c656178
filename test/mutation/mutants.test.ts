import { expect, test } from "vitest";
import { mutantsOf } from "./mutants.ts";

const SCRIPT = `-- a <= b
local function look(a, b)
  for _, each in ipairs(a) do
    if not each and b <= 1 then break end
  end
  while b > 0 do b = b - 1 end
  if #a == 0 then return 'none' end
  redis.call('SET', 'key', a)
  return { 'some', redis.call('GET', 'key') }
end`;

test("a script is changed in one place at a time", () => {
  const changes = mutantsOf(SCRIPT).map(({ line, from, to, text }) => {
    const lines = text.split("\n");
    expect(lines.filter((each, at) => each !== SCRIPT.split("\n")[at])).toHaveLength(1);
    return `${line}: ${from} → ${to}`;
  });
  expect(changes).toEqual([
    "4: not each and b <= 1 → true",
    "4: not each and b <= 1 → false",
    "4: and → or",
    "4: not each → each",
    "4: <= → <",
    "4: <= → >",
    "4: 1 → 2",
    "4: 1 → 0",
    "4: break → ",
    "6: b > 0 → false",
    "6: > → >=",
    "6: > → <=",
    "6: 0 → 1",
    "6: 0 → (-1)",
    "6: b = b - 1 → ",
    "6: - → +",
    "6: 1 → 2",
    "6: 1 → 0",
    "7: #a == 0 → true",
    "7: #a == 0 → false",
    "7: == → ~=",
    "7: 0 → 1",
    "7: 0 → (-1)",
    "7: return 'none' → ",
    "7: 'none' → 'changed'",
    "8: redis.call('SET', 'key', a) → ",
    "9: 'some' → 'changed'",
  ]);
});
