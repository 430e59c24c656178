import { configureGlobal } from "fast-check";

/** Every property of every test begins with this seed; tests that give a seed themselves give the same one. */
configureGlobal({ seed: Number(process.env["SLUICE_TEST_SEED"]) });
