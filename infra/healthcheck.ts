/**
 * The image's HEALTHCHECK. An image holds every role and a container mostly runs one, so this asks each role's port for
 * `/readyz`: healthy when at least one answers and all that answer are ready.
 */
const deadlineMs = 4_000;

const roles = [
  { role: "ingress", port: process.env["SLUICE_INGRESS_PORT"] ?? "8080" },
  { role: "worker", port: process.env["SLUICE_WORKER_PORT"] ?? "8081" },
  { role: "console", port: process.env["SLUICE_CONSOLE_PORT"] ?? "8082" },
  { role: "records", port: process.env["SLUICE_RECORDS_PORT"] ?? "8090" },
];

type Answer = { readonly role: string; readonly ready: boolean; readonly body: string };

const answers = (await Promise.all(roles.map(ask))).filter((answer) => answer !== undefined);
for (const { role, body } of answers) console.log(`${role}: ${body}`);
if (answers.length === 0) console.log("no role listens");
process.exitCode = answers.length > 0 && answers.every(({ ready }) => ready) ? 0 : 1;

/** Nothing where no role listens. A role that listens and doesn't answer in time is not ready. */
async function ask({ role, port }: { role: string; port: string }): Promise<Answer | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(deadlineMs) });
    return { role, ready: response.ok, body: await response.text() };
  } catch (error) {
    if (isRefused(error)) return undefined;
    return { role, ready: false, body: String(error) };
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof TypeError && (error.cause as { code?: unknown } | undefined)?.code === "ECONNREFUSED";
}
