import { SluiceError } from "@sluice/runtime";

/** The whole number from 1 on that an option names, `--count` for one. @throws SluiceError `option_invalid` */
export function wholeNumber(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  const upTo = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`;
  throw new SluiceError(`${option} is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: `give a whole number from 1 ${upTo}`,
  });
}
