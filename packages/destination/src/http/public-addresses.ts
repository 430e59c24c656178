import { lookup as resolve, type LookupAddress } from "node:dns";
import { BlockList, type LookupFunction } from "node:net";

/** A name leads into the network that Sluice itself runs in, and nobody said that it may. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
}

/**
 * Finds the public addresses of a name. What a name means is said by its owner, and by whoever answers for the name server: a vendor's name that suddenly
 * leads to a cloud's metadata or to the database next door must not be asked there, with credentials. `localhost` means what it says.
 */
export function publicLookup(find: typeof resolve = resolve): LookupFunction {
  return (hostname, options, callback) => {
    find(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const fit = isLocalhost(hostname) ? addresses : addresses.filter((each) => !isPrivate(each));
      const [first] = fit;
      if (first === undefined) {
        const found = addresses.map(({ address }) => address).join(", ");
        const message = `its name leads to ${found}, which is not public, and \`private_addresses\` is not set`;
        return callback(new PrivateAddressError(message), []);
      }
      if (options.all === true) callback(null, fit);
      else callback(null, first.address, first.family);
    });
  };
}

function isLocalhost(hostname: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(hostname);
}

function isPrivate({ address, family }: LookupAddress): boolean {
  return PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** Special-purpose ranges that are not reachable from everywhere: IANA's registries for IPv4 and IPv6, RFC 6890. */
const RANGES = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

const PRIVATE = new BlockList();
for (const range of RANGES) {
  const [base = "", bits] = range.split("/");
  PRIVATE.addSubnet(base, Number(bits), base.includes(":") ? "ipv6" : "ipv4");
}
