export { showFleet, type FleetView } from "./fleet-metrics.ts";
