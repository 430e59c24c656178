export { systemClock, type Clock } from "./clock.ts";
export type {
  Configuration,
  DestinationAuth,
  DestinationConfiguration,
  FetchAuth,
  FetchConfiguration,
  FieldConfiguration,
  ConsoleConfiguration,
  HistoryConfiguration,
  OidcConfiguration,
  IssueWebhookConfiguration,
  ObjectConfiguration,
  SourceConfiguration,
} from "./configuration/configuration.ts";
export { countConfigurationReads } from "./configuration-reads.ts";
export { understandingDigests } from "./configuration/digests.ts";
export { ConfigurationError, describeFault, type ConfigurationFault } from "./configuration/fault.ts";
export { ISSUE_KINDS, type IssueKind } from "./configuration/schema/issue-webhook-schema.ts";
export { laneCounts, laneNames } from "./configuration/lanes.ts";
export { markOf } from "./configuration/mark.ts";
export { loadConfiguration, readConfiguration, type LoadOptions } from "./configuration/load.ts";
export { withPresetObjects } from "./configuration/preset.ts";
export { configurationJsonSchema } from "./configuration/schema/schema.ts";
export { acceptedSecrets, type Secret } from "./configuration/secret.ts";
export { sharesOf } from "./configuration/shares.ts";
export { typesLike, unknownTypes } from "./configuration/unknown-types.ts";
export { configurationWarnings } from "./configuration/warnings.ts";
export { watchConfiguration, type ConfigurationWatch } from "./configuration/watch.ts";
export { holdDataDirectory, type HeldDirectory } from "./data-directory.ts";
export { openDatabase, type Database, type DatabaseOptions } from "./database/database.ts";
export { restorePglite } from "./database/pglite.ts";
export { migrate, type Migration } from "./database/migrate.ts";
export { SluiceError, describeError, type ErrorFacts } from "./error.ts";
export { isLoopback, listen, type Listening, type ListenOptions } from "./listen.ts";
export { createLog, type Log, type LogOptions } from "./log.ts";
export { METRICS, counter, createRegistry, gauge, histogram, type MetricName } from "./metrics.ts";
export { operations, type ReadinessCheck, type Operations } from "./operations.ts";
export { assertKeepsKeys } from "./redis/fitness.ts";
export { redisDirectory } from "./redis/endpoint.ts";
export { cutHalfTransaction } from "./redis/half-transaction.ts";
export { findRedisProgram } from "./redis/program.ts";
export { copyRedisFiles, copyRunningRedis } from "./redis/redis-copy.ts";
export { findRedis, startRedis, type RedisOptions, type RunningRedis } from "./redis/redis.ts";
export { createShutdown, onStopSignal, type Part, type Shutdown, type ShutdownOptions } from "./shutdown.ts";
export { isTrustedProxy } from "./trusted-proxies.ts";
export { findToken, readToken, type TokenName, type TokenOptions } from "./token.ts";
export { withoutPassword } from "./url.ts";
