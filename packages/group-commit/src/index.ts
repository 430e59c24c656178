export { groupCommit, type GroupCommit } from "./group-commit.ts";
