import { configureGlobal } from "fast-check";

/** Every property of every test begins with this seed; those that say a seed themselves say the same one. */
configureGlobal({ seed: Number(process.env["SLUICE_TEST_SEED"]) });
