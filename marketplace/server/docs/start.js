// Only what needs no signature can be tried out from a page.
window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "../openapi.json",
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    validatorUrl: null,
    supportedSubmitMethods: ["get"],
    deepLinking: true,
  });
});
