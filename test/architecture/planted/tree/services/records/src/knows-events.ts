// Breaks: arrows go one way.
export type { Event } from "@sluice/event";
