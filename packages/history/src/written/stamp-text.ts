import type { Stamp } from "@sluice/record";

/** A stamp as lines hold it: texts that begin alike compress well, and bytes in base64 would not. The tail may hold anything. */
export function stampText({ version, rank, tail }: Stamp): string {
  return `${version}:${rank}:${tail}`;
}

export function readStampText(text: string): Stamp {
  const first = text.indexOf(":");
  const second = text.indexOf(":", first + 1);
  return {
    version: BigInt(text.slice(0, first)),
    rank: Number(text.slice(first + 1, second)),
    tail: text.slice(second + 1),
  };
}
