import { configureGlobal, readConfigureGlobal } from "fast-check";

/** The first history that fails is enough: to look for a shorter one takes many times as long. */
configureGlobal({ ...readConfigureGlobal(), endOnFailure: true });
