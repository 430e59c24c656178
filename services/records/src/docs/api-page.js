// Runs in the browser, behind swagger-ui-bundle.js.
/* global SwaggerUIBundle */

// Dark where the reader's system is: the library has the colours, and leaves it to the page to ask for them.
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
colour();
dark.addEventListener("change", colour);

SwaggerUIBundle({
  // The document lies beside the page, also where a proxy has put a path before both.
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  // The parts of bodies are shown where they are used.
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  // Every call can be filled in and sent at once.
  tryItOutEnabled: true,
  // Nothing is sent to anybody's validator.
  validatorUrl: null,
});
