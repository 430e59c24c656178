import { readFileSync } from "node:fs";
import type { Credentials, RedisNode, RedisAddress, Tls } from "./redis-address.ts";

/** The address in the client library's words: one connection, or those to a cluster, which begin with its named servers. */
export type RedisConnectionOptions =
  | { readonly kind: "one"; readonly options: SharedOptions & PlaceOptions }
  | { readonly kind: "cluster"; readonly nodes: RedisNode[]; readonly options: SharedOptions };

type TlsOptions = {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
};

type SharedOptions = Credentials & { readonly tls?: TlsOptions };

type SentinelOptions = {
  readonly sentinels: RedisNode[];
  readonly name: string;
  readonly role: "master";
  readonly failoverDetector: boolean;
  readonly sentinelRetryStrategy: () => number | null;
  readonly enableTLSForSentinelMode?: boolean;
  readonly sentinelTLS?: TlsOptions;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
};

type PlaceOptions = { readonly db: number } & (
  | (RedisNode & { readonly family?: 4 | 6 })
  | { readonly path: string }
  | SentinelOptions
);

/** Sentinels that don't answer are asked again after this. */
const SENTINELS_AGAIN_MS = 200;

/** @throws SystemError when a file of the address can't be read */
export function connectionOptions(
  address: RedisAddress,
  patience: { readonly again: boolean },
): RedisConnectionOptions {
  const tls = address.tls === null ? null : tlsOptions(address.tls);
  const every: SharedOptions = { ...address.credentials, ...(tls === null ? {} : { tls }) };
  switch (address.kind) {
    case "server": {
      const { node, family, database } = address;
      return { kind: "one", options: { ...every, ...node, ...(family === null ? {} : { family }), db: database } };
    }
    case "socket":
      return { kind: "one", options: { ...every, path: address.path, db: address.database } };
    case "sentinel": {
      const sentinel = sentinelCredentials(address.sentinelCredentials);
      const encrypted = tls === null ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls };
      return {
        kind: "one",
        options: {
          ...every,
          ...sentinel,
          ...encrypted,
          sentinels: [...address.sentinels],
          name: address.primary,
          db: address.database,
          role: "master",
          // A primary that the others gave up may still answer: a failover is heard from the sentinels.
          failoverDetector: patience.again,
          sentinelRetryStrategy: () => (patience.again ? SENTINELS_AGAIN_MS : null),
        },
      };
    }
    case "cluster":
      return { kind: "cluster", nodes: [...address.nodes], options: every };
  }
}

function sentinelCredentials({
  username,
  password,
}: Credentials): Pick<SentinelOptions, "sentinelUsername" | "sentinelPassword"> {
  return {
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
  };
}

function tlsOptions({ caFile, certFile, keyFile, serverName }: Tls): TlsOptions {
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
