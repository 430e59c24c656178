export type { Event, Json } from "./event.ts";
