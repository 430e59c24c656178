import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

type Described = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
};
type DescribedOperation = {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> } | undefined>
  >;
};
type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
};

type Check = (method: string, path: string, answer: Answer) => void;

/** A check for each document of this process: to compile its schemas anew for each store was as dear as the requests of a small file. */
const made = new Map<string, Check>();

/**
 * Holds answers against the OpenAPI document. Each answer that a test gets from the store is checked, so that
 * nothing can be answered that the document does not say.
 */
export function documentedAnswers(document: object): Check {
  const text = JSON.stringify(document);
  const check = made.get(text) ?? checkOf(document);
  made.set(text, check);
  return check;
}

function checkOf(document: object): Check {
  const { paths } = document as Described;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, "document");
  const validators = new Map<string, ValidateFunction>();
  const places = Object.entries(paths).map(([template, operations]) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    operations,
  }));

  return (method, path, { status, body, text, headers }) => {
    const plain = path.replace(/\?.*$/, "").replace(/\.json$/, "");
    // Two templates can fit a path: by the document's rule the one without parameters counts.
    const place = places.filter(({ pattern }) => pattern.test(plain)).toSorted(byParameters)[0];
    const operation = place?.operations[method];
    if (operation === undefined) {
      if (status === 401 || status === 404) return;
      throw new Error(`${method} ${path} answered ${status} and is not in the document`);
    }
    const response = operation.responses[status];
    if (response === undefined) throw new Error(`${method} ${place?.template} answered ${status}: not documented`);
    const type = headers["content-type"]?.replace(/;.*/, "") ?? "";
    if (response.content === undefined) {
      if (type !== "") throw new Error(`${method} ${path} answered ${status} with a body that is not documented`);
      return;
    }
    if (response.content[type] === undefined) throw new Error(`${method} ${path} answered ${status} as ${type}`);
    const pointer = ["paths", place?.template ?? "", method, "responses", status, "content", type, "schema"]
      .map((step) => encodeURIComponent(String(step).replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const validate = validators.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
    validators.set(pointer, validate);
    if (!validate(type === "text/plain" ? text : body)) {
      throw new Error(`${method} ${path} answered ${status}, not as documented: ${ajv.errorsText(validate.errors)}`);
    }
  };
}

function byParameters(a: { template: string }, b: { template: string }): number {
  return a.template.split("{").length - b.template.split("{").length;
}
