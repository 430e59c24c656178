import type { Response } from "express";
import { LIMITS } from "../limits.ts";
import { Fault } from "./fault.ts";

/** A browser that listens: server-sent events until it goes, or its time is over and it asks again. */
export type EventStream = {
  /** @returns false: the browser is gone, or reads so slowly that the event is left out */
  send(event: string, data: unknown): boolean;
  onEnd(hear: () => void): void;
};

/** All browsers that listen to this process. */
export type EventStreams = {
  /** Opens a stream for a browser. @throws Fault `act_conflict` where too many listen */
  open(response: Response): EventStream;
  close(): void;
};

/** @param lastsMs how long one connection lasts */
export function createEventStreams(lastsMs: number = LIMITS.streamMs): EventStreams {
  const open = new Set<Response>();
  return {
    open(response) {
      if (open.size >= LIMITS.streams) {
        throw new Fault("act_conflict", `${open.size} pages listen to this process already`);
      }
      open.add(response);
      response.writeHead(200, {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store, no-transform",
        // Nginx would hold events back.
        "X-Accel-Buffering": "no",
      });
      response.flushHeaders();
      const comment = setInterval(() => response.write(":\n\n"), LIMITS.streamCommentMs);
      // A browser that may listen no longer is refused at its next connection. One that does not read would never hear of an end.
      const over = setTimeout(() => (response.writableLength === 0 ? response.end() : response.destroy()), lastsMs);
      const enders = new Set<() => void>();
      response.on("close", () => {
        clearInterval(comment);
        clearTimeout(over);
        open.delete(response);
        for (const hear of enders) hear();
      });
      return {
        send(event, data) {
          if (response.writableEnded || response.destroyed || response.writableLength > LIMITS.streamBehindBytes)
            return false;
          response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
          return true;
        },
        onEnd: (hear) => void enders.add(hear),
      };
    },
    close() {
      for (const response of open) response.end();
    },
  };
}
