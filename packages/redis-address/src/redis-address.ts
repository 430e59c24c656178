/** A place of a server. */
export type RedisNode = { readonly host: string; readonly port: number };

export type Credentials = { readonly username?: string; readonly password?: string };

/** How a server proves who it is, and this process to it. Files are named here and read when a connection is made. */
export type Tls = {
  /** Certificates of authorities in PEM, instead of those that Node.js trusts. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** The name in the server's certificate, where it is another one than the host's. */
  readonly serverName?: string;
};

type Every = {
  readonly credentials: Credentials;
  /** Null: the connection is not encrypted. */
  readonly tls: Tls | null;
};

/** The Redis that a URL names. */
export type RedisAddress = Every &
  (
    | { readonly kind: "server"; readonly node: RedisNode; readonly family: 4 | 6 | null; readonly database: number }
    | { readonly kind: "socket"; readonly path: string; readonly database: number }
    | {
        readonly kind: "sentinel";
        readonly sentinels: readonly RedisNode[];
        /** The name by which the sentinels know the primary. */
        readonly primary: string;
        readonly sentinelCredentials: Credentials;
        readonly database: number;
      }
    | { readonly kind: "cluster"; readonly nodes: readonly RedisNode[] }
  );

/** The URL names no Redis. Its message never repeats the URL, in which the password stands. */
export class RedisUrlError extends Error {
  readonly code = "redis_url_invalid";
  readonly hint =
    "redis://user:password@host:6379/0, rediss://… for TLS, redis+unix://user:password@/path/to.sock, " +
    "redis+sentinel://user:password@host-1:26379,host-2:26379/name-of-primary/0 or redis+cluster://user:password@host-1:6379,host-2:6379";

  constructor(problem: string) {
    super(`SLUICE_REDIS_URL ${problem}`);
    this.name = "RedisUrlError";
  }
}

const SCHEMES = {
  redis: { kind: "server", encrypted: false },
  rediss: { kind: "server", encrypted: true },
  unix: { kind: "socket", encrypted: false },
  "redis+unix": { kind: "socket", encrypted: false },
  "redis+sentinel": { kind: "sentinel", encrypted: false },
  "rediss+sentinel": { kind: "sentinel", encrypted: true },
  "redis+cluster": { kind: "cluster", encrypted: false },
  "rediss+cluster": { kind: "cluster", encrypted: true },
} as const;

const PORTS = { server: 6379, cluster: 6379, sentinel: 26_379 } as const;
const TLS_SETTINGS = ["ca", "cert", "key", "servername"];

/** @throws RedisUrlError */
export function parseRedisAddress(url: string): RedisAddress {
  try {
    return readAddress(url);
  } catch (error) {
    // A password with a plain /, ? or # ends the part before the @ too early, and the fault that is found would repeat a piece of it.
    if (/^[^@/?#]*:\/\/[^@/?#]*[/?#].*@/.test(url)) {
      throw new RedisUrlError("can't be read: in a user or a password / is written %2F, ? is %3F and # is %23");
    }
    throw error;
  }
}

function readAddress(url: string): RedisAddress {
  const parts = /^(?:([a-z][a-z0-9+.-]*):\/\/)(?:([^/?#]*)@)?([^@/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(url);
  if (parts === null) throw new RedisUrlError("is no URL: it must begin with redis://, or one of the schemes below");
  const [, scheme = "", credentials = "", authority = "", path = "", query = ""] = parts;
  const known = Object.entries(SCHEMES).find(([name]) => name === scheme.toLowerCase());
  if (known === undefined) {
    throw new RedisUrlError(`begins with ${scheme}://, and Sluice knows ${Object.keys(SCHEMES).join("://, ")}://`);
  }
  const { kind, encrypted } = known[1];
  const settings = settingsOf(query, [
    ...(encrypted ? TLS_SETTINGS : []),
    ...(kind === "server" ? ["family"] : []),
    ...(kind === "socket" ? ["db"] : []),
    ...(kind === "sentinel" ? ["sentinel_user", "sentinel_password"] : []),
  ]);
  const every = { credentials: credentialsOf(credentials), tls: encrypted ? tlsOf(settings) : null };
  switch (kind) {
    case "server": {
      const [node, ...others] = nodesOf(authority, PORTS.server);
      if (others.length > 0)
        throw new RedisUrlError("names several servers: redis+cluster:// or redis+sentinel:// may");
      return { ...every, kind, node: node!, family: familyOf(settings), database: databaseOf(path.slice(1)) };
    }
    case "socket": {
      if (authority !== "" || path.length < 2) throw new RedisUrlError("needs the socket's path behind redis+unix://");
      return { ...every, kind, path: decoded(path), database: databaseOf(settings.get("db") ?? "") };
    }
    case "sentinel": {
      const [primary = "", database = "", ...more] = path.slice(1).split("/");
      if (primary === "" || more.length > 0) {
        throw new RedisUrlError(
          "needs the name by which the sentinels know the primary, and may have a database behind it",
        );
      }
      return {
        ...every,
        kind,
        sentinels: nodesOf(authority, PORTS.sentinel),
        primary: decoded(primary),
        sentinelCredentials: pairOf(settings.get("sentinel_user") ?? "", settings.get("sentinel_password") ?? ""),
        database: databaseOf(database),
      };
    }
    case "cluster": {
      if (databaseOf(path.slice(1)) !== 0)
        throw new RedisUrlError("names a database, and a cluster has only database 0");
      return { ...every, kind, nodes: nodesOf(authority, PORTS.cluster) };
    }
  }
}

function nodesOf(authority: string, port: number): readonly RedisNode[] {
  return authority.split(",").map((each) => {
    const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(each);
    const given = parts?.[3] === undefined ? port : Number(parts[3]);
    if (parts === null || given < 1 || given > 65_535) {
      throw new RedisUrlError(`names ${each === "" ? "no host" : `a server that can't be read: "${each}"`}`);
    }
    return { host: decoded((parts[1] ?? parts[2])!), port: given };
  });
}

function credentialsOf(text: string): Credentials {
  const colon = text.indexOf(":");
  if (colon < 0) return pairOf(decoded(text), "");
  return pairOf(decoded(text.slice(0, colon)), decoded(text.slice(colon + 1)));
}

function pairOf(username: string, password: string): Credentials {
  return { ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) };
}

function settingsOf(query: string, known: readonly string[]): ReadonlyMap<string, string> {
  const settings = new Map(new URLSearchParams(query));
  for (const name of settings.keys()) {
    if (known.includes(name)) continue;
    const may = known.length === 0 ? "this kind of address has no settings" : `known are ${known.join(", ")}`;
    throw new RedisUrlError(`has the setting "${name}": ${may}`);
  }
  return settings;
}

function tlsOf(settings: ReadonlyMap<string, string>): Tls {
  const [caFile, certFile, keyFile, serverName] = TLS_SETTINGS.map((name) => settings.get(name));
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new RedisUrlError("has one of cert and key: a client's certificate needs both");
  }
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function familyOf(settings: ReadonlyMap<string, string>): 4 | 6 | null {
  const family = settings.get("family");
  if (family === undefined || family === "0") return null;
  if (family !== "4" && family !== "6") throw new RedisUrlError(`has family=${family}: it is 4 or 6`);
  return family === "4" ? 4 : 6;
}

function databaseOf(text: string): number {
  if (text === "") return 0;
  if (!/^\d{1,6}$/.test(text)) throw new RedisUrlError("names a database that is no number");
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUrlError("has a % that begins no character: %25 is the percent sign itself");
  }
}
