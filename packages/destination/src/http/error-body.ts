import { isObject } from "@sluice/event";
import { MAX_ERROR_CODE_CHARACTERS, MAX_ERROR_TEXT_CHARACTERS } from "../limits.ts";

/** The facts of an error answer, from any of the vendor's envelopes (§5). */
export type ErrorBody = {
  /** The machine's word: `RecordNotFound`, `TooManyJobs`, `RecordInvalid`, `Forbidden` … */
  readonly code?: string;
  /** One line for a person, made of all descriptions that are there. */
  readonly text?: string;
};

/** Reads the three JSON envelopes and plain text. */
export function readErrorBody(body: unknown): ErrorBody {
  if (typeof body === "string") return factsOf(undefined, [body.trim()]);
  if (!isObject(body)) return {};
  const { error, errors } = body;
  if (isObject(error)) return factsOf(textOf(error["title"]), [textOf(error["message"])]);
  if (Array.isArray(errors)) {
    const all = errors.filter(isObject);
    return factsOf(
      textOf(all[0]?.["code"]),
      all.map((each) => [textOf(each["title"]), textOf(each["detail"])].filter(Boolean).join(": ")),
    );
  }
  // OAuth's own envelope calls its description `error_description`.
  const description = textOf(body["description"]) ?? textOf(body["error_description"]);
  return factsOf(textOf(error), [description, ...detailTexts(body["details"])]);
}

/** The texts in `details`, a map of lists: `base` for the whole record, otherwise the attribute. */
function detailTexts(details: unknown): (string | undefined)[] {
  if (!isObject(details)) return [];
  return Object.values(details).flatMap((list) =>
    Array.isArray(list) ? list.filter(isObject).map((item) => textOf(item["description"])) : [textOf(list)],
  );
}

function factsOf(code: string | undefined, texts: readonly (string | undefined)[]): ErrorBody {
  const text = texts
    .filter((each) => each !== undefined && each !== "")
    .join("; ")
    .slice(0, MAX_ERROR_TEXT_CHARACTERS);
  return {
    ...(code === undefined ? {} : { code: code.slice(0, MAX_ERROR_CODE_CHARACTERS) }),
    ...(text === "" ? {} : { text }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
