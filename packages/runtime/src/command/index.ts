// The part that a command needs which starts nothing. Most of such a command's time goes into loading modules: here is nothing of Redis, Postgres, HTTP,
// metrics or the log.
export { systemClock } from "../clock.ts";
export { describeFault } from "../configuration/fault.ts";
export { laneNames } from "../configuration/lanes.ts";
export { loadConfiguration } from "../configuration/load.ts";
export { configurationJsonSchema } from "../configuration/schema/schema.ts";
export { acceptedSecrets } from "../configuration/secret.ts";
export { configurationWarnings } from "../configuration/warnings.ts";
export { SluiceError, describeError } from "../error.ts";
export { onStopSignal } from "../shutdown.ts";
export { readToken } from "../token.ts";
