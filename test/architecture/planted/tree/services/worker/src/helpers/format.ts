// Breaks: nothing lives in a folder without a name.
export const format = (value: number): string => value.toFixed(2);
