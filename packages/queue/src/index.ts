export type { Admission, Admitted } from "./admission.ts";
