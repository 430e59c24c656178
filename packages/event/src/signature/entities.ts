/** The entities that WordPress undoes with quotes of both kinds, each form that it knows. */
const ENTITIES: readonly (readonly [pattern: RegExp, character: string])[] = [
  [/^&(?:amp|#0*38|#[xX]0*26);$/, "&"],
  [/^&(?:lt|#0*60|#[xX]0*3[cC]);$/, "<"],
  [/^&(?:gt|#0*62|#[xX]0*3[eE]);$/, ">"],
  [/^&(?:quot|#0*34|#[xX]0*22);$/, '"'],
  [/^&(?:#0*39|#[xX]0*27);$/, "'"],
];

/** Undoes HTML's special characters once, as WooCommerce does with a secret before it signs. */
export function decodeEntities(text: string): string {
  return text.replaceAll(/&[#0-9A-Za-z]+;/g, (entity) => {
    const found = ENTITIES.find(([pattern]) => pattern.test(entity));
    return found?.[1] ?? entity;
  });
}
