import type { Reply } from "../http/reply.ts";

/** The destination refused a command's request. */
export class DestinationRefusedError extends Error {
  readonly code = "destination_refused";
  readonly hint: string;
  readonly status: number;
  /** The destination's own word, e.g. `RecordInvalid`. */
  readonly errorCode: string | undefined;

  /** @param what the end of the sentence "the destination refused to …" */
  constructor({ status, errorCode, errorText }: Reply, what: string) {
    const said = [errorCode, errorText].filter((text) => text !== undefined).join(": ");
    super(`the destination refused to ${what}: ${status}${said === "" ? "" : ` ${said}`}`);
    this.name = new.target.name;
    this.status = status;
    this.errorCode = errorCode;
    this.hint =
      status === 401 || status === 403
        ? "objects and fields are made with an admin's credentials: check `auth` of the destination"
        : status === 429
          ? "its limit of requests is used up: try again in a minute"
          : "the answer says what is wrong; what was made before stays";
  }
}
