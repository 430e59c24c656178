import { SluiceError } from "@sluice/runtime";

/** The address that `--url` names. @throws SluiceError `option_invalid` */
export function checkedUrl(text: string, example: string): string {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return text;
  throw new SluiceError(`--url is ${JSON.stringify(text)}`, {
    code: "option_invalid",
    hint: `give an http or https address, such as ${example}`,
  });
}
