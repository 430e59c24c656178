import { delimiter } from "node:path";
import { LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { command, onPath, type Environment } from "./command.ts";
import type { NotPossible } from "./private-server.ts";
import { findRedisProgram, type RedisProgram } from "./program.ts";

/**
 * Installs a Redis server with the platform's package manager, where that can be done without asking.
 *
 * On Debian and its kin the package is `redis-tools`, not `redis-server`: it has the very same program
 * (see program.ts) but no service, no system user, no file in /etc. So nothing starts that was not
 * running, nothing that runs is restarted, and `apt-get remove redis-tools` undoes it all.
 *
 * The manager's folders, which `folders` replaces, may not be on the PATH: a server there is taken as it is.
 */
export async function installProgram(
  env: Environment,
  log: Log,
  folders?: readonly string[],
): Promise<RedisProgram | NotPossible> {
  if ((env["SLUICE_NO_INSTALL"] ?? "") !== "") return { reason: "SLUICE_NO_INSTALL forbids installing one" };
  const way = (await aptWay(env)) ?? brewWay(env);
  if (way === undefined) {
    return {
      reason:
        "no package manager here can be used without asking (apt-get as root or with password-less sudo, or brew)",
    };
  }
  const wider = { ...env, PATH: [env["PATH"] ?? "", ...(folders ?? way.folders)].join(delimiter) };
  // A server that is there needs no manager, whose lists alone take a second to read.
  const there = await findRedisProgram(wider);
  if (there !== undefined) return there;
  log.warn(`no Redis server found; installing one with \`${way.title}\` (SLUICE_NO_INSTALL=1 forbids it)`);
  let output = "";
  for (const [program = "", ...args] of way.commands) {
    const ran = await command(program, args, { env: { ...env, ...way.env }, deadlineMs: LIMITS.installDeadlineMs });
    output = ran.output;
    // A package list that is missing or out of date is renewed by the next command, and the one after tries again.
    if (ran.ok && args.includes("install")) {
      const found = await findRedisProgram(wider);
      if (found !== undefined) return found;
    }
  }
  return { reason: `\`${way.title}\` gave no usable server: ${output.split("\n").slice(-2).join(" / ")}` };
}

type Way = {
  readonly title: string;
  readonly env: Environment;
  /** The folders where this manager puts programs. */
  readonly folders: readonly string[];
  readonly commands: readonly (readonly string[])[];
};

async function aptWay(env: Environment): Promise<Way | undefined> {
  if (onPath("apt-get", env) === undefined) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !(await hasFreeSudo(env))) return undefined;
  // The settings that ask no questions, and restart no services that use an upgraded library.
  const quiet = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" };
  const prefix = isRoot
    ? []
    : ["sudo", "-n", "env", ...Object.entries(quiet).map(([name, value]) => `${name}=${value}`)];
  const apt = [...prefix, "apt-get", "-o", "DPkg::Lock::Timeout=120"];
  const install = [...apt, "install", "-y", "--no-install-recommends", "redis-tools"];
  return {
    title: `${isRoot ? "" : "sudo "}apt-get install redis-tools`,
    env: quiet,
    folders: ["/usr/bin"],
    // The last command is for a package that counts as installed and whose program somebody took away.
    commands: [install, [...apt, "update"], install, [...install, "--reinstall"]],
  };
}

async function hasFreeSudo(env: Environment): Promise<boolean> {
  if (onPath("sudo", env) === undefined) return false;
  const asked = await command("sudo", ["-n", "true"], { env, deadlineMs: LIMITS.programAnswerDeadlineMs });
  return asked.ok;
}

/** Homebrew's formula starts no service either. */
function brewWay(env: Environment): Way | undefined {
  if (onPath("brew", env) === undefined || process.getuid?.() === 0) return undefined;
  return {
    title: "brew install redis",
    env: { HOMEBREW_NO_AUTO_UPDATE: "1", HOMEBREW_NO_INSTALL_CLEANUP: "1" },
    folders: ["/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin"],
    commands: [["brew", "install", "redis"]],
  };
}
