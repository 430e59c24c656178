import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { command, onPath, type Environment } from "./command.ts";
import { removeEndpoint, writeEndpoint } from "./endpoint.ts";
import { FILE_SHORTENED, readShortened } from "./file-shortened.ts";
import { cutBeforeStart } from "./half-transaction.ts";
import { inquirePatiently } from "./inquiry.ts";
import {
  CONFIGURATION_FILE,
  freePort,
  newPassword,
  writeServerConfiguration,
  type NotPossible,
  type PrivateServer,
} from "./private-server.ts";

/** Images in the order of preference: the first that the engine has is taken; if it has none, the first is fetched. */
const IMAGES = ["redis:7.2-alpine", "redis:7-alpine", "redis:8-alpine", "redis:7", "redis:8", "valkey/valkey:8-alpine"];

export type ContainerOptions = { readonly directory: string; readonly env: Environment; readonly log: Log };

/** Runs Redis in a container; the port is published on the loopback address alone, the files are in the directory. */
export async function runContainer({ directory, env, log }: ContainerOptions): Promise<PrivateServer | NotPossible> {
  if (onPath("docker", env) === undefined) return { reason: "there is no docker on the PATH" };
  const docker = (args: readonly string[], deadlineMs: number = LIMITS.dockerAnswerDeadlineMs) =>
    command("docker", args, { env, deadlineMs });

  const engine = await docker(["info", "--format", "{{.ServerVersion}} {{.SecurityOptions}}"]);
  if (!engine.ok) return { reason: "the docker on the PATH reaches no engine" };
  const image = await findImage(env, log);
  if (typeof image !== "string") return image;

  const container = containerName(directory);
  await removeContainer(container, env);
  const password = newPassword();
  const port = await freePort();
  const settings = { directory: "/data", bind: "0.0.0.0", port: 6379, password, logfile: "" };
  chmodSync(writeServerConfiguration(directory, settings), 0o600);
  const url = `redis://:${password}@127.0.0.1:${port}/0`;
  writeEndpoint({ directory, url, program: image, container });

  const cutHere = await cutBeforeStart(directory, log);
  const ran = await docker(
    [
      ...["run", "--detach", "--name", container, "--label", `sluice.directory=${directory}`],
      ...["--publish", `127.0.0.1:${port}:6379`, "--volume", `${directory}:/data`, "--workdir", "/data"],
      ...ownerOf(engine.output),
      ...["--entrypoint", image.startsWith("valkey") ? "valkey-server" : "redis-server"],
      ...[image, `/data/${CONFIGURATION_FILE}`],
    ],
    LIMITS.dockerRunDeadlineMs,
  );
  const answers =
    ran.ok && (await inquirePatiently(url, LIMITS.dockerRunDeadlineMs, async () => true).catch(() => false));
  if (!answers) {
    const said = ran.ok ? (await docker(["logs", "--tail", "3", container])).output : ran.output;
    await removeContainer(container, env);
    removeEndpoint(directory);
    return { reason: `the container of ${image} did not answer: ${said}` };
  }
  const cutByServer = readShortened((await docker(["logs", container])).output);
  for (const cut of cutByServer) log.error(cut, FILE_SHORTENED);
  const cuts = cutByServer.length + (cutHere === null ? 0 : 1);
  return {
    url,
    fileShortened: () => cuts,
    program: `${image} in the container ${container}`,
    async stop() {
      await removeContainer(container, env);
      removeEndpoint(directory);
    },
  };
}

/** Stops the container as its server wishes to be stopped, then removes it; the server's files are in the directory. */
export async function removeContainer(container: string, env: Environment): Promise<void> {
  const seconds = String(Math.ceil(LIMITS.redisStopDeadlineMs / 1000));
  await command("docker", ["stop", "--time", seconds, container], { env, deadlineMs: LIMITS.dockerRunDeadlineMs });
  await command("docker", ["rm", "--force", container], { env, deadlineMs: LIMITS.dockerRunDeadlineMs });
}

/** One directory gives one name: the container is found again without being written down. */
function containerName(directory: string): string {
  return `sluice-redis-${createHash("sha256").update(directory).digest("hex").slice(0, 12)}`;
}

async function findImage(env: Environment, log: Log): Promise<string | NotPossible> {
  const wanted = env["SLUICE_REDIS_IMAGE"] ?? "";
  const images = wanted === "" ? IMAGES : [wanted];
  for (const image of images) {
    const there = await command("docker", ["image", "inspect", image], {
      env,
      deadlineMs: LIMITS.dockerAnswerDeadlineMs,
    });
    if (there.ok) return image;
  }
  const image = images[0] ?? "";
  log.warn(`no redis-server here; fetching the Docker image ${image}`);
  const pulled = await command("docker", ["pull", image], { env, deadlineMs: LIMITS.dockerPullDeadlineMs });
  return pulled.ok ? image : { reason: `Docker can't get ${image}: ${pulled.output.split("\n").at(-1) ?? ""}` };
}

/**
 * The files in the directory should belong to the user who runs Sluice. A rootless engine sees to that by
 * running its "root" as that user; other engines are told.
 */
function ownerOf(engine: string): readonly string[] {
  const { getuid, getgid } = process;
  if (getuid === undefined || getgid === undefined || engine.includes("rootless")) return [];
  return ["--user", `${getuid()}:${getgid()}`];
}
