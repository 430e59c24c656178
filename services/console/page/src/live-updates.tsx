import { useQueryClient } from "@tanstack/preact-query";
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Now } from "../../src/contract/now.ts";
import type { Task } from "../../src/contract/task.ts";
import { addressOf } from "./api/call.ts";
import { useAnswer } from "./api/questions.ts";

const AGAIN_MS = 5_000;
const POLL_MS = 2_000;

const LiveContext = createContext(false);

/** The one stream of this page. A tab that nobody sees lets go of it: a browser has six connections to a host. */
export function LiveUpdates({ children }: { readonly children: ComponentChildren }) {
  const client = useQueryClient();
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    let stream: EventSource | undefined;
    let again: number | undefined;
    const close = () => {
      stream?.close();
      stream = undefined;
      window.clearTimeout(again);
      setLive(false);
    };
    const open = () => {
      close();
      if (document.visibilityState === "hidden") return;
      stream = new EventSource(addressOf("streamNow"));
      stream.addEventListener("now", (event: MessageEvent<string>) => {
        setLive(true);
        client.setQueryData(["getNow", {}], JSON.parse(event.data) as Now);
      });
      stream.addEventListener("task", (event: MessageEvent<string>) => {
        const task = JSON.parse(event.data) as Task;
        client.setQueryData(["getTask", { path: { id: task.id } }], task);
        if (task.endedAt !== null)
          void client.invalidateQueries({ predicate: ({ queryKey: [name] }) => LETTERS.has(name) });
      });
      stream.addEventListener("letters", () => {
        void client.invalidateQueries({ predicate: ({ queryKey: [name] }) => LETTERS.has(name) });
      });
      stream.addEventListener("error", () => {
        setLive(false);
        // The browser reconnects by itself, unless it was answered no.
        if (stream?.readyState === EventSource.CLOSED) again = window.setTimeout(open, AGAIN_MS);
      });
    };
    open();
    document.addEventListener("visibilitychange", open);
    return () => {
      document.removeEventListener("visibilitychange", open);
      close();
    };
  }, [client]);
  return <LiveContext.Provider value={isLive}>{children}</LiveContext.Provider>;
}

const LETTERS = new Set<unknown>(["groupLetters", "findLetters"]);

/** The fleet as it is, by the stream, or by asking where the stream is broken. */
export function useNow() {
  const isLive = useContext(LiveContext);
  const { data, error, refetch } = useAnswer("getNow", {}, { everyMs: isLive ? false : POLL_MS });
  return { now: data, error: isLive ? null : error, isLive, refetch };
}
