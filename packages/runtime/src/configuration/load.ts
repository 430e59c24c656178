import type { Scheme } from "@sluice/event";
import type { CompiledMapping } from "@sluice/record";
import { readFileSync, statSync } from "node:fs";
import { SluiceError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import type {
  Configuration,
  ConsoleConfiguration,
  DestinationAuth,
  DestinationConfiguration,
  FetchAuth,
  FetchConfiguration,
  ObjectConfiguration,
  SourceConfiguration,
} from "./configuration.ts";
import { faultAt, readYaml } from "./document.ts";
import { ConfigurationError, type ConfigurationFault } from "./fault.ts";
import { check } from "./issue.ts";
import { fetchLane } from "./lanes.ts";
import { readParts, type Parts, type Refuse } from "./part.ts";
import { pathText } from "./path-text.ts";
import { withPresetObjects } from "./preset.ts";
import { CONFIGURATION_SCHEMA, FETCH_DEFAULTS, type ConfigurationInput } from "./schema/schema.ts";
import { readSecrets } from "./secret.ts";
import { substitute } from "./substitution.ts";

export type LoadOptions = {
  readonly path: string;
  /** The values that `${NAME}` stands for. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads, checks and compiles the configuration file.
 * @throws ConfigurationError with every fault, each with its place, line and column
 * @throws SluiceError `configuration_missing`
 */
export async function loadConfiguration({ path, env }: LoadOptions): Promise<Configuration> {
  return readConfiguration(readText(path), { path, env });
}

/** `loadConfiguration` for a text that has been read; `path` is the file's name in faults. */
export function readConfiguration(text: string, { path, env }: LoadOptions): Configuration {
  const document = readYaml(text);
  if (document.faults.length > 0) throw new ConfigurationError(path, document.faults);
  const { value, faults: missing } = substitute(document.value ?? {}, env);
  const checked = check(CONFIGURATION_SCHEMA, value);
  const faults = new Map<string, ConfigurationFault>();
  // The first fault at a place is the real one; later ones follow from it.
  const refuse: Refuse = (at, message, allowed) => {
    const place = pathText(at);
    if (!faults.has(place)) faults.set(place, faultAt(document, at, { message, allowed }));
  };
  for (const fault of missing) refuse(fault.path, fault.message);
  if ("findings" in checked)
    for (const finding of checked.findings) refuse(finding.path, finding.message, finding.allowed);
  const parts = readParts(value, refuse);
  if (faults.size > 0 || "findings" in checked) throw new ConfigurationError(path, inOrder([...faults.values()]));
  return configurationOf(checked.value, parts);
}

function configurationOf(input: ConfigurationInput, parts: Parts): Configuration {
  const sources = Object.entries(input.sources).map(([name, source], rank) => {
    const scheme = parts.schemes.get(name);
    if (scheme === undefined) throw new Error(`the scheme of ${name} was neither read nor refused`);
    return sourceOf(name, rank, scheme, source, parts.mappings.get(name) ?? []);
  });
  return {
    sources: new Map(sources.map((source) => [source.name, source])),
    destinations: byName(input.destinations, destinationOf),
    objects: withPresetObjects(byName(input.objects, objectOf), parts.objects),
    ...(input.trusted_proxies === undefined ? {} : { trustedProxies: input.trusted_proxies }),
    ...(input.records_store === undefined ? {} : { recordsStore: recordsStoreOf(input.records_store) }),
    ...(input.console === undefined ? {} : { console: consoleOf(input.console) }),
    history: historyOf(input.history),
    issueWebhooks: input.issue_webhooks.map(({ url, secret, kinds = null, private_addresses: privateAddresses }) => ({
      url,
      secret,
      kinds,
      privateAddresses,
    })),
    versionSkewMs: input.version_skew,
    dedupeWindowMs: input.dedupe_window,
    unknownSourceAfterMs: input.unknown_source_after,
    drainDelayMs: input.drain_delay,
    orderingHorizonMs: input.ordering_horizon,
    ack: input.ack,
    redisMemoryBudget: input.redis_memory_budget,
  };
}

function consoleOf({
  public_url: publicUrl,
  oidc: { client_id: clientId, client_secret: clientSecret, ...oidc },
}: NonNullable<ConfigurationInput["console"]>): ConsoleConfiguration {
  return { publicUrl, oidc: { ...oidc, clientId, clientSecret } };
}

function historyOf(history: ConfigurationInput["history"]): NonNullable<Configuration["history"]> {
  if (history === false) return false;
  return { databaseUrl: history.database, keepMs: history.keep, sizeBytes: history.size, keys: history.keys };
}

function recordsStoreOf(
  store: NonNullable<ConfigurationInput["records_store"]>,
): NonNullable<Configuration["recordsStore"]> {
  return {
    publicUrl: store.public_url,
    nextOnLastPage: store.next_on_last_page,
    strictFields: store.strict_fields,
  };
}

function sourceOf(
  name: string,
  rank: number,
  scheme: Scheme,
  source: ConfigurationInput["sources"][string],
  mappings: readonly CompiledMapping[],
): SourceConfiguration {
  return {
    name,
    rank,
    scheme,
    secrets: readSecrets(source.secrets ?? []),
    mappings,
    unmapped: source.unmapped,
    fetch: mappings.some((mapping) => mapping.fetch !== null) ? fetchOf(name, source.fetch ?? FETCH_DEFAULTS) : null,
    bodyLimitBytes: source.body_limit ?? scheme.limits.bodyBytes,
    secondFactor: {
      ...(source.allow_from === undefined ? {} : { allowFrom: source.allow_from }),
      ...(source.client_certificates === undefined ? {} : { clientCertificates: source.client_certificates }),
    },
    share: source.class === "backfill" ? 0 : source.share,
    ...(source.public_url === undefined ? {} : { publicUrl: source.public_url }),
    ...(source.silent_after === undefined ? {} : { silentAfterMs: source.silent_after }),
    ...(source.redact === undefined ? {} : { redact: source.redact }),
    ...(source.rate === undefined ? {} : { ratePerSecond: source.rate }),
  };
}

function fetchOf(source: string, fetch: typeof FETCH_DEFAULTS): FetchConfiguration {
  return {
    name: fetchLane(source),
    auth: fetch.auth === undefined ? null : fetchAuthOf(fetch.auth),
    headers: fetch.headers,
    timeoutMs: fetch.timeout,
    requestsPerMinute: fetch.requests_per_minute,
    concurrency: fetch.concurrency,
    privateAddresses: fetch.private_addresses,
  };
}

function fetchAuthOf(auth: NonNullable<(typeof FETCH_DEFAULTS)["auth"]>): FetchAuth {
  if (!("oauth" in auth)) return auth;
  const {
    token_url: tokenUrl,
    client_id: clientId,
    client_secret: clientSecret,
    scope,
    client_in: clientIn,
  } = auth.oauth;
  return { oauth: { tokenUrl, clientId, clientSecret, scope, clientIn } };
}

function destinationOf(
  name: string,
  destination: ConfigurationInput["destinations"][string],
): DestinationConfiguration {
  const { kind, url, concurrency, lanes, batch, retry } = destination;
  return {
    name,
    kind,
    url,
    auth: authOf(destination.auth),
    requestsPerMinute: destination.requests_per_minute,
    concurrency,
    lanes,
    maxInFlight: destination.max_in_flight ?? null,
    batch,
    timeoutMs: destination.timeout,
    fences: destination.fences ?? null,
    settleAfterSilenceMs: destination.settle_after_silence,
    retry: {
      maxAttempts: retry.attempts,
      deadlineMs: retry.deadline,
      firstDelayMs: retry.first_delay,
      longestDelayMs: retry.longest_delay,
    },
    skipUnchanged: destination.skip_unchanged,
  };
}

function authOf(auth: ConfigurationInput["destinations"][string]["auth"]): DestinationAuth {
  if ("bearer" in auth) return auth;
  if ("email" in auth) return { email: auth.email, apiToken: auth.api_token };
  const { client_id: clientId, client_secret: clientSecret, scope } = auth.oauth;
  return { oauth: { clientId, clientSecret, scope } };
}

function objectOf(key: string, object: ConfigurationInput["objects"][string]): ObjectConfiguration {
  const fields = byName(object.fields, (fieldKey, { type, title, options, pattern, target }) => ({
    key: fieldKey,
    type,
    title,
    options: new Map(Object.entries(options)),
    ...(pattern === undefined ? {} : { pattern }),
    ...(target === undefined ? {} : { target }),
  }));
  return {
    key,
    title: object.title,
    titlePluralized: object.title_pluralized,
    uniqueNames: object.unique_names,
    fields,
  };
}

function byName<In, Out>(
  entries: Readonly<Record<string, In>>,
  make: (name: string, entry: In) => Out,
): Map<string, Out> {
  return new Map(Object.entries(entries).map(([name, entry]) => [name, make(name, entry)]));
}

function inOrder(faults: readonly ConfigurationFault[]): readonly ConfigurationFault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function readText(path: string): string {
  const missing = (cause?: unknown): SluiceError =>
    new SluiceError(`the configuration ${path} can't be read`, {
      code: "configuration_missing",
      hint: "name the file with --config FILE or SLUICE_CONFIG (default: sluice.yaml in the current directory)",
      cause,
    });
  try {
    if (statSync(path).size > LIMITS.configurationFileBytes) {
      throw new Error(`it is larger than ${LIMITS.configurationFileBytes} bytes`);
    }
    return readFileSync(path, "utf8");
  } catch (error) {
    throw missing(error);
  }
}
