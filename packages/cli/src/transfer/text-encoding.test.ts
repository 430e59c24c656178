import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { assertUtf8, writeAsUtf8 } from "./text-encoding.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-encoding-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function file(bytes: Buffer): string {
  const path = join(folder, `${(made += 1)}.csv`);
  writeFileSync(path, bytes);
  return path;
}

const MULLER = Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72]);

test.each([
  ["on its first line", Buffer.concat([MULLER, Buffer.from("\n")]), 1],
  ["on its third", Buffer.concat([Buffer.from("a\nü\n"), MULLER, Buffer.from("\nb\n")]), 3],
  ["at its very end", Buffer.from([0x61, 0x0a, 0xc3]), 2],
  // Chunks of a file have 64 KB, and this one ends within a character.
  ["far behind", Buffer.concat([Buffer.from(`x${"ü".repeat(50_000)}\n`.repeat(2)), MULLER, Buffer.from("\n")]), 3],
])("a file that is no UTF-8 %s is refused with the line", async (_, bytes, line) => {
  await expect(assertUtf8(file(bytes))).rejects.toThrow(`line ${line} has bytes that are none`);
});

test("what is UTF-8 is so wherever its chunks end", async () => {
  for (const before of ["", "x", "xx"]) await assertUtf8(file(Buffer.from(`${before}${"€ü😀".repeat(30_000)}\n`)));
});

test("what is written in another encoding is read as it was meant", async () => {
  const target = join(folder, "utf8");
  await writeAsUtf8(file(MULLER), "windows-1252", target);
  expect(readFileSync(target, "utf8")).toBe("Müller");
  await writeAsUtf8(file(Buffer.from("\uFEFFMüller", "utf16le")), "utf-16le", target);
  expect(readFileSync(target, "utf8")).toBe("Müller");
  await expect(writeAsUtf8(file(MULLER), "klingon", target)).rejects.toMatchObject({ code: "import_encoding_unknown" });
  await expect(writeAsUtf8(file(MULLER), "euc-jp", target)).rejects.toMatchObject({ code: "import_not_decodable" });
});
