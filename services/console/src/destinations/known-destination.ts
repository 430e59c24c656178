import { laneNames, type Configuration } from "@sluice/runtime";
import { Fault } from "../api/fault.ts";

/** Whether there is such a destination, the fetches of a source among them. @throws Fault `destination_unknown` */
export function assertKnown(configuration: Configuration, destination: string): void {
  if (!laneNames(configuration).includes(destination)) throw unknownDestination(destination);
}

export function unknownDestination(name: string): Fault {
  return new Fault("destination_unknown", `there is no destination "${name}"`);
}
