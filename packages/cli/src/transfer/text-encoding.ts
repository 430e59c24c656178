import { createReadStream, createWriteStream } from "node:fs";
import { TextDecoder } from "node:util";
import { pipeline } from "node:stream/promises";
import { SluiceError } from "@sluice/runtime";

const NEWLINE = 0x0a;

/**
 * Refuses a file that is no UTF-8: bytes that can't be decoded would be written as U+FFFD, and nobody would know.
 * @throws SluiceError `import_not_utf8` with the line
 */
export async function assertUtf8(path: string): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const wrong = (line: number): SluiceError =>
    new SluiceError(`${path} is not UTF-8: line ${line} has bytes that are none`, {
      code: "import_not_utf8",
      hint: "say how it is written, such as --encoding windows-1252 or utf-16le, or save it as UTF-8",
    });
  let line = 1;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    // A chunk is searched line by line only where something is wrong.
    try {
      decoder.decode(chunk, { stream: true });
    } catch {
      throw wrong(line + linesBefore(chunk));
    }
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) line += 1;
  }
  try {
    decoder.decode();
  } catch {
    throw wrong(line);
  }
}

/** Ends of lines in a chunk before the first line that can't be decoded; a character that is cut in two at its beginning counts as good. */
function linesBefore(chunk: Buffer): number {
  let lines = 0;
  // A character has at most three bytes after its first.
  let from = chunk.findIndex((byte) => (byte & 0xc0) !== 0x80);
  if (from < 0 || from > 3) return 0;
  for (let end = chunk.indexOf(NEWLINE, from); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
    if (!isUtf8(chunk.subarray(from, end))) return lines;
    lines += 1;
    from = end + 1;
  }
  return lines;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes the file's text in UTF-8.
 * @throws SluiceError `import_encoding_unknown`, `import_not_decodable`
 */
export async function writeAsUtf8(path: string, encoding: string, target: string): Promise<void> {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    const hint = "such as windows-1252, iso-8859-15, utf-16le, shift_jis or gbk";
    throw new SluiceError(`there is no encoding "${encoding}"`, { code: "import_encoding_unknown", hint, cause });
  }
  async function* decoded(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
    try {
      for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
      yield decoder.decode();
    } catch (cause) {
      const hint = "another --encoding fits";
      throw new SluiceError(`${path} is not ${encoding}`, { code: "import_not_decodable", hint, cause });
    }
  }
  await pipeline(createReadStream(path), decoded, createWriteStream(target));
}
