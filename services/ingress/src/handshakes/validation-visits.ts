import type { Log } from "@sluice/runtime";
import { LIMITS } from "../limits.ts";

/** URLs that a sender wants to have opened before it delivers. No request waits for a visit, and its answer's body is not read. */
export type ValidationVisits = {
  /** Begins to open a URL whose host the source's scheme pins. Beyond a few visits at once the URL is not opened: anybody can ask. */
  begin(source: string, url: string): void;
  /** Resolves when no visit is under way. */
  settled(): Promise<void>;
};

export type ValidationVisitsOptions = {
  readonly log: Log;
  /** Opens a URL and says the answer's status; over the network, unless a test looks elsewhere. */
  readonly open?: (url: string) => Promise<number>;
};

export function createValidationVisits({ log, open = openUrl }: ValidationVisitsOptions): ValidationVisits {
  const underWay = new Set<Promise<void>>();

  async function visit(source: string, url: string): Promise<void> {
    try {
      const status = await open(url);
      const isGood = status >= 200 && status < 300;
      if (isGood) log.info({ source, status }, "validation URL opened");
      else
        log.warn({ source, url, status }, "validation URL refused: open it by hand soon, or let the sender ask again");
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn(
        { source, url, error: message },
        "validation URL can't be opened: open it by hand soon, or let the sender ask again",
      );
    }
  }

  return {
    begin(source, url) {
      if (underWay.size >= LIMITS.visitsAtOnce) return;
      const visited = visit(source, url).finally(() => underWay.delete(visited));
      underWay.add(visited);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

async function openUrl(url: string): Promise<number> {
  // A redirection would lead away from the host that is pinned.
  const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(LIMITS.visitMs) });
  await response.body?.cancel();
  return response.status;
}
