import { Clock } from "@sluice/runtime";

export const at = (clock: Clock): number => clock.nowMs();
