import type { RecordsOptions } from "@sluice/records";
import { SluiceError, type Configuration } from "@sluice/runtime";
import type { Settings } from "../environment.ts";

/** Settings of the records role beside its database and its tokens. */
export type RecordsSettings = Pick<RecordsOptions, "origin" | "quirks">;

/**
 * Reads `records_store` of sluice.yaml, where there is one, and the environment, which decides where both speak.
 * @throws SluiceError `environment_invalid`
 */
export function recordsSettings(
  { env }: Pick<Settings, "env">,
  configuration?: Pick<Configuration, "recordsStore" | "trustedProxies">,
): RecordsSettings {
  const { publicUrl, nextOnLastPage, strictFields } = configuration?.recordsStore ?? {};
  const strict = flag(env, "STRICT_FIELDS") ?? strictFields;
  return {
    origin: {
      publicUrl: url(env, "SLUICE_RECORDS_PUBLIC_URL") ?? publicUrl,
      trustedProxies: configuration?.trustedProxies,
    },
    quirks: {
      nextOnLastPage: flag(env, "ZENDESK_QUIRK_NEXT_ON_LAST_PAGE") ?? nextOnLastPage,
      unknownFields: strict === undefined ? undefined : strict ? "refuse" : "leave out",
    },
  };
}

type Environment = Settings["env"];

function flag(env: Environment, name: string): boolean | undefined {
  const text = env[name]?.trim().toLowerCase() ?? "";
  if (text === "") return undefined;
  if (["1", "true", "yes", "on"].includes(text)) return true;
  if (["0", "false", "no", "off"].includes(text)) return false;
  throw invalid(env, name, "to 1 or 0, true or false");
}

function url(env: Environment, name: string): string | undefined {
  const text = env[name] ?? "";
  if (text === "") return undefined;
  const { protocol, search = "", hash = "" } = URL.parse(text) ?? {};
  if ((protocol === "http:" || protocol === "https:") && search === "" && hash === "") return text;
  throw invalid(env, name, "to an http or https URL without a query");
}

function invalid(env: Environment, name: string, hint: string): SluiceError {
  return new SluiceError(`${name} is ${JSON.stringify(env[name])}`, {
    code: "environment_invalid",
    hint: `set ${name} ${hint}, or leave it out`,
  });
}
