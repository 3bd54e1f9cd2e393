/** What the OpenAPI document says beside the routes themselves. */
export const openApiInfo = {
  title: "Plugboard",
  version: "1.0.0",
  description:
    "Install connector plugins, connect accounts at vendors, and call what the plugins offer. Errors are RFC 9457 problems with a stable `code`.",
  securitySchemes: {
    apiKey: {
      type: "http",
      scheme: "bearer",
      description: "An API key: a tenant's own (`pbk_…`), or the admin key of the host.",
    },
  },
  tags: [
    { name: "tenants", description: "Who shares this host. For the admin key." },
    { name: "vault", description: "The keys that tenants' secrets are sealed under. For the admin key." },
    { name: "api-keys", description: "What applications authenticate with." },
    { name: "marketplace", description: "What a tenant may install." },
    { name: "policies", description: "What a tenant lets itself install, and approvals." },
    { name: "installs", description: "What a tenant has installed, with the permissions it agreed to." },
    {
      name: "connections",
      description: "A tenant's accounts at vendors. A credential goes in and never comes out.",
    },
    { name: "actions", description: "Calls of what plugins offer." },
    { name: "usage", description: "What was used of plugins that are priced by usage, and caps on it." },
    { name: "operations", description: "Health and metrics." },
    { name: "documentation", description: "This document, and what each error code means." },
  ],
};
