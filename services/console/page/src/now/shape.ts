import type { z } from "zod";
import type { hold } from "../../../src/contract/now.ts";

export type { DestinationNow, Now, Series } from "../../../src/contract/now.ts";
export type Hold = z.infer<typeof hold>;
