import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync, zstdDecompress } from "node:zlib";

const compressAside = promisify(zstdCompress);
const decompressAside = promisify(zstdDecompress);
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Compresses in this thread (zstd): of what takes a millisecond, where another thread costs more than it spares. */
export function compressHere(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, LEVEL);
}

/** Compresses in another thread (zstd). */
export async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return await compressAside(bytes, LEVEL);
}

/** The text that was compressed. @throws where it is longer than so many bytes, or nothing that was compressed */
export async function decompressText(bytes: Uint8Array, mostBytes: number): Promise<string> {
  return (await decompressAside(bytes, { maxOutputLength: mostBytes })).toString("utf8");
}
