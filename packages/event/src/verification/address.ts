/** A range of addresses: IPv4 as the last 32 bits of the mapped range, so that one form holds both. */
export type AddressRange = { readonly base: bigint; readonly bits: number };

const MAPPED = 0xffffn << 32n;

/** Reads an address; undefined for any other text: host names, ports, zones and the octal forms of IPv4. */
export function readAddress(text: string): bigint | undefined {
  if (text.includes(":")) return readV6(text);
  const v4 = readV4(text);
  return v4 === undefined ? undefined : MAPPED | v4;
}

export function isAddressRange(text: string): boolean {
  return readRange(text) !== undefined;
}

/** Reads an address or `address/bits`. */
export function readRange(text: string): AddressRange | undefined {
  const [head = "", bitsText, ...rest] = text.split("/");
  const address = readAddress(head);
  if (address === undefined || rest.length > 0) return undefined;
  if (bitsText === undefined) return { base: address, bits: 128 };
  const isV4 = !head.includes(":");
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bitsText) || Number(bitsText) > (isV4 ? 32 : 128)) return undefined;
  return { base: address, bits: Number(bitsText) + (isV4 ? 96 : 0) };
}

/** The ranges of a list with commas between; undefined when an entry is no range. */
export function readRanges(text: string): readonly AddressRange[] | undefined {
  const ranges = text.split(",").map((each) => readRange(each.trim()));
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

export function isWithin(address: bigint, { base, bits }: AddressRange): boolean {
  const shift = BigInt(128 - bits);
  return address >> shift === base >> shift;
}

function readV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let address = 0n;
  for (const part of parts) {
    // A leading zero means octal to some programs and nothing to others.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = (address << 8n) | BigInt(part);
  }
  return address;
}

function readV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => groupsOf(half));
  if (head === null || tail === null) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return groups.reduce((address, group) => (address << 16n) | group, 0n);
}

/** Groups of sixteen bits; null for an unreadable one. The last may be an IPv4 address, which stands for two groups. */
function groupsOf(half: string): bigint[] | null {
  if (half === "") return [];
  const texts = half.split(":");
  const groups: bigint[] = [];
  for (const [index, text] of texts.entries()) {
    const v4 = index === texts.length - 1 && text.includes(".") ? readV4(text) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(text)) groups.push(BigInt(`0x${text}`));
    else return null;
  }
  return groups;
}
