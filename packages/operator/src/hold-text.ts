const HOLDS: Readonly<Record<string, string>> = {
  breaker: "it failed too often in a row",
  rate_limit: "it asked for fewer requests",
  credentials: "it refuses the credentials",
  unavailable: "it is not available",
  stopped: "its address is wrong, or its account takes nothing more",
  operator: "an operator holds it",
  state_went_back: "the state in Redis went back, and what was sent before may still land",
};

/** Why a destination is held, as a part of a sentence. */
export function holdText(reason: string): string {
  return HOLDS[reason] ?? reason.replaceAll("_", " ");
}
