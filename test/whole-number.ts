/** The whole number that an option of a command names. @throws where it is none, or not from 1 to `most` */
export function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`--${option} must be a whole number from 1 to ${most}`);
}
