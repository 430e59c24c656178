import { resolve } from "node:path";
import { readToken, SluiceError } from "@sluice/runtime/command";

/** The settings that the commands read from the environment, in one place. */
export type Settings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redisUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly historyUrl: string | undefined;
  readonly configPath: string;
  readonly dataDir: string;
  readonly host: string | undefined;
  readonly ports: {
    readonly ingress: number;
    readonly worker: number;
    readonly console: number;
    readonly records: number;
  };
  /** The token that `/metrics`, and the reasons at `/readyz`, are for. Undefined: they are for everybody. */
  readonly metricsToken: string | undefined;
  /** The token of who may see everything in the console and change nothing. Undefined: there is none. */
  readonly readToken: string | undefined;
  /** Undefined: each command has its own default. */
  readonly logLevel: string | undefined;
};

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** @throws SluiceError `environment_invalid` */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const text = (name: string): string | undefined => (env[name] === "" ? undefined : env[name]);
  const port = (name: string, fallback: number): number => {
    const given = text(name);
    if (given === undefined) return fallback;
    const number = Number(given);
    if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
    throw new SluiceError(`${name} is ${JSON.stringify(given)}`, {
      code: "environment_invalid",
      hint: `set ${name} to a port from 0 (any free one) to 65535`,
    });
  };
  const logLevel = text("SLUICE_LOG");
  if (logLevel !== undefined && !LOG_LEVELS.includes(logLevel)) {
    throw new SluiceError(`SLUICE_LOG is ${JSON.stringify(logLevel)}`, {
      code: "environment_invalid",
      hint: `set it to one of ${LOG_LEVELS.join(", ")}`,
    });
  }
  return {
    env,
    redisUrl: text("SLUICE_REDIS_URL"),
    databaseUrl: text("SLUICE_DATABASE_URL"),
    historyUrl: text("SLUICE_HISTORY_DATABASE_URL"),
    configPath: text("SLUICE_CONFIG") ?? "sluice.yaml",
    dataDir: resolve(text("SLUICE_DATA_DIR") ?? ".sluice"),
    host: text("SLUICE_HOST"),
    metricsToken: text("SLUICE_METRICS_TOKEN"),
    readToken: text("SLUICE_READ_TOKEN"),
    ports: {
      ingress: port("SLUICE_INGRESS_PORT", 8080),
      worker: port("SLUICE_WORKER_PORT", 8081),
      console: port("SLUICE_CONSOLE_PORT", 8082),
      records: port("SLUICE_RECORDS_PORT", 8090),
    },
    logLevel,
  };
}

/**
 * The values of `${NAME}` in sluice.yaml: the environment, and for Sluice's own records store, which a
 * configuration should not have to know, the token and the address that it has on this machine.
 */
export function configurationEnvironment({
  env,
  dataDir,
  ports,
}: Settings): Readonly<Record<string, string | undefined>> {
  return {
    SLUICE_RECORDS_URL: `http://127.0.0.1:${ports.records}`,
    ...env,
    // Read where the file names it: who writes to Zendesk has no such token, nor perhaps a disk to make one on.
    get SLUICE_RECORDS_TOKEN() {
      return readToken("SLUICE_RECORDS_TOKEN", { env, dataDir });
    },
  };
}
