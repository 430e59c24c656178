import { fileURLToPath } from "node:url";
import { Router } from "express";

/**
 * The page that shows the API and lets one try it: Swagger UI over /openapi.json. All of it comes from this host, so it
 * works without the internet; the policy forbids everything else.
 */
export function apiPage(): Router {
  const router = Router();
  for (const [path, file] of Object.entries(FILES)) {
    const place = fileURLToPath(file);
    router.get(path, (request, response) => {
      // The page's parts are found beside it, and so not from below.
      if (request.path.endsWith("/")) {
        response.redirect(308, `..${path}`);
        return;
      }
      response.set({
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
      });
      // A folder on the way may begin with a dot, as the store of a package manager does.
      response.sendFile(place, { dotfiles: "allow", cacheControl: false });
    });
  }
  return router;
}

const ours = (name: string): URL => new URL(name, import.meta.url);

const FILES: Readonly<Record<string, string | URL>> = {
  "/docs": ours("api-page.html"),
  "/docs/api-page.css": ours("api-page.css"),
  "/docs/api-page.js": ours("api-page.js"),
  "/docs/swagger-ui.css": import.meta.resolve("swagger-ui-dist/swagger-ui.css"),
  "/docs/swagger-ui-bundle.js": import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js"),
};

/** Swagger UI draws its icons with images that stand in the style sheet itself. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
