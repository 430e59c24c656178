import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "../../src/contract/session.ts";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("no view is drawn for nobody");
  return session;
}

/** Whether the past can be told. */
export function useHasHistory(): boolean {
  return useSession().hasHistory;
}

/** Whether the person may change something. */
export function useMayOperate(): boolean {
  return useSession().role === "operate";
}
