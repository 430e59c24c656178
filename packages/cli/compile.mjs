// Compiles what commands and roles load, as sluice.mjs looks for it: at an installation, and for an image, whose processes can't write. To be run by
// the user that will run `sluice`, since Node.js keeps each user's apart.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/sluice", import.meta.url)));
const { COMMANDS } = await import("./src/program.ts");
for (const { load } of COMMANDS) await load();
await Promise.all([
  import("@sluice/console"),
  import("@sluice/ingress"),
  import("@sluice/records"),
  import("@sluice/worker"),
]);
// A command from its beginning, since to import main.ts is to run it.
process.argv = [process.execPath, "sluice", "config", "schema"];
await import("./sluice.mjs");
