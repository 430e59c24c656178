/**
 * V8's options for the processes of a test run. The embedded Postgres is WebAssembly, and a server that lives for seconds never earns
 * back what V8 spends, in threads beside, on compiling its busy functions a second time: a quarter of the processor time of the tests
 * that have one, a third of a start of `sluice up`.
 */
export const V8_OPTIONS: readonly string[] = ["--liftoff-only"];
