import type { Check } from "../scheme.ts";

/** The places of a check's credentials. Names of headers are lower-case. */
export type CredentialPlaces = {
  readonly headers: readonly string[];
  readonly parameters: readonly string[];
  /** Paths as `TokenCheck` writes them. */
  readonly json: readonly string[];
};

export function credentialPlaces(check: Check): CredentialPlaces {
  const of = (places: Partial<CredentialPlaces>): CredentialPlaces => ({
    headers: [],
    parameters: [],
    json: [],
    ...places,
  });
  switch (check.type) {
    case "signature": {
      const stronger = check.stronger === undefined ? [] : credentialPlaces(check.stronger).headers;
      return of({ headers: [...check.sig.headers, ...stronger] });
    }
    case "members":
      return of({ json: [check.at === undefined ? check.signature : `${check.at}.${check.signature}`] });
    case "token": {
      const colon = check.from.indexOf(":");
      const [place, name] = [check.from.slice(0, colon), check.from.slice(colon + 1)];
      if (place === "header") return of({ headers: [name] });
      if (place === "query") return of({ parameters: [name] });
      return of(place === "json" ? { json: [name] } : {});
    }
    case "jwt":
      return of({ headers: [check.header] });
    case "mtls-header":
      return of({ headers: [check.verifyHeader, check.fingerprintHeader] });
    case "basic":
    case "bearer":
      return of({ headers: ["authorization"] });
    case "any": {
      const all = check.of.map(credentialPlaces);
      return {
        headers: all.flatMap(({ headers }) => headers),
        parameters: all.flatMap(({ parameters }) => parameters),
        json: all.flatMap(({ json }) => json),
      };
    }
    case "ip":
    case "none":
      return of({});
  }
}
