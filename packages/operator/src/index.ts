export { acting, type Actor } from "./acting.ts";
export { allLanes, assertDestination, type Fleet } from "./fleet.ts";
export { holdDestination, resumeDestination } from "./holding.ts";
