// Breaks: event, record and the wire contract are pure.
export const now = (): number => Date.now();
