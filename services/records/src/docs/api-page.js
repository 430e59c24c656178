// Runs in the browser, behind swagger-ui-bundle.js.
/* global SwaggerUIBundle */
SwaggerUIBundle({
  // Beside the page, also where a proxy has put a path before both.
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
