// The rule of `trusted_proxies`, for every role: the door's package has it, and the records store may not know that one.
export { isTrustedProxy } from "@sluice/event";
