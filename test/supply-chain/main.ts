import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { graveOnes, knownAdvisories, lineOf } from "./advisories.ts";
import { installedPackages, licenceFaults } from "./licences.ts";
import { partsFaults, partsList, type PartsList } from "./parts-list.ts";

/*
 * Licences, list of parts, known weaknesses: what else comes with Sluice. `--parts FILE` writes the list of parts. The list of weaknesses
 * is asked of the registry; where it can't be asked that is said, and is no fault.
 */
const { values } = parseArgs({ options: { parts: { type: "string" } } });
const shipped = installedPackages(true);
const all = installedPackages(false);
const text = partsList();
const list = JSON.parse(text) as PartsList;
const advisories = knownAdvisories();
const faults = [
  ...licenceFaults(shipped, true),
  ...licenceFaults(all, false),
  ...partsFaults(list, shipped),
  ...(advisories === null ? [] : graveOnes(advisories)),
];
console.log(`licences: ${shipped.length} packages run with Sluice, ${all.length} are installed for its development`);
console.log(`list of parts: ${list.components.length} components`);
if (advisories === null) console.log("known weaknesses: the registry does not tell, so nothing was looked at");
else console.log([`known weaknesses: ${advisories.length}`, ...advisories.map(lineOf)].join("\n  "));
if (values.parts !== undefined) writeFileSync(values.parts, text);
for (const fault of faults) console.error(`✗ ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
