import type { Redis } from "ioredis";
import { onServerLost } from "../connection/lost-servers.ts";

/**
 * Tells whether connections stood all the while. A command that was answered before a break and one that is answered after it may be
 * of two states: the server behind the connection may be another one, which knows nothing of the first.
 */
export type ConnectionBreaks = {
  /** Begins to look. @returns whether no connection has ended since */
  begin(): () => boolean;
  close(): void;
};

export function watchBreaks(connections: readonly Redis[]): ConnectionBreaks {
  let breaks = 0;
  const onClose = (): void => void (breaks += 1);
  const all = [...new Set(connections)];
  for (const each of all) each.on("close", onClose);
  const servers = all.map((each) => onServerLost(each, onClose));
  return {
    begin() {
      const before = breaks;
      return () => breaks === before;
    },
    close() {
      for (const each of all) each.off("close", onClose);
      for (const each of servers) each.close();
    },
  };
}
