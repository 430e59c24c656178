// Breaks: entries list names.
export * from "./reaches-inside.ts";
