import { SluiceError, type Configuration, type SourceConfiguration } from "@sluice/runtime";

/**
 * The source that a name means: by its own name, or by its sender where only one source has that.
 * @throws SluiceError `source_missing`
 */
export function chosenSource({ sources }: Configuration, name: string, among?: string): SourceConfiguration {
  const named = sources.get(among ?? name);
  if (named !== undefined) return named;
  const alike = [...sources.values()].filter(({ scheme }) => among === undefined && scheme.name.startsWith(name));
  if (alike.length === 1) return alike[0]!;
  const all = [...sources].map(([each, { scheme }]) => `${each} (${scheme.name})`).join(", ");
  throw new SluiceError(
    alike.length === 0 ? `sluice.yaml has no source "${among ?? name}"` : `several sources are of ${name}`,
    {
      code: "source_missing",
      hint: `name one of ${all || "none yet"}; \`sluice init ${name}\` writes a new one`,
    },
  );
}
