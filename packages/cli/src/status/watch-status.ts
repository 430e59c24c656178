import type { Now } from "@sluice/console";
import type { ConsoleClient } from "../console/console-client.ts";
import { isPassing } from "../console/is-passing.ts";

export type StatusWatch = {
  readonly client: Pick<ConsoleClient, "get">;
  /** Rests, at most until the end is asked for. */
  readonly rest: (ms: number) => Promise<void>;
  readonly isOver: () => boolean;
  readonly show: (now: Now) => void;
  /** Told once when the console stops answering. */
  readonly say: (text: string) => void;
};

const ASK_EVERY_MS = 1_000;

/** Shows the fleet once a second, until it is told to end. A console that answered once is waited for however long it is away. */
export async function watchStatus({ client, rest, isOver, show, say }: StatusWatch): Promise<void> {
  let wasThere = false;
  let isAway = false;
  while (!isOver()) {
    try {
      const now = await client.get<Now>("/api/now");
      wasThere = true;
      isAway = false;
      show(now);
    } catch (error) {
      if (!wasThere || !isPassing(error)) throw error;
      if (!isAway) say("The console does not answer for now; the last that it said stands above.");
      isAway = true;
    }
    await rest(ASK_EVERY_MS);
  }
}
