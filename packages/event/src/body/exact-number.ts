/** Whether a double has the digits that the text of a number has, so that reading it as one changes nothing. */
export function isExact(text: string): boolean {
  // A double holds any fifteen digits.
  return significantDigits(text) <= 15 || digitsOf(text) === digitsOf(String(Number(text)));
}

function significantDigits(text: string): number {
  const [mantissa = ""] = text.split(/[Ee]/);
  return mantissa.replaceAll(/[-+.]/g, "").replace(/^0+/, "").length;
}

/** A number's digits, and the place of the point among them. */
function digitsOf(text: string): string {
  const [mantissa = "", exponent = "0"] = text.replace(/^[-+]/, "").split(/[Ee]/);
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`;
  const significant = all.replace(/^0+/, "");
  const point = whole.length + Number(exponent) - (all.length - significant.length);
  return `${significant.replace(/0+$/, "")}@${significant === "" ? 0 : point}`;
}
