import { SERVER_LOOK_EVERY_MS } from "../limits.ts";
import { mustRest } from "../server/pressure.ts";
import type { ServerState } from "../server/watch.ts";
import type { Understanding } from "./understanding.ts";

/** Lets the understanding rest while Redis has room for pending changes alone; looks once a second. */
export function restWhileFull(
  understanding: Understanding,
  facts: () => ServerState["facts"],
  onError: (error: Error) => void,
): Understanding {
  let resting = false;
  const watching = setInterval(() => {
    resting = mustRest(resting, facts());
    understanding.rest(resting).catch(onError);
  }, SERVER_LOOK_EVERY_MS);
  watching.unref();
  return {
    ...understanding,
    async close() {
      clearInterval(watching);
      await understanding.close();
    },
  };
}
