/** What the OpenAPI document says beside the routes themselves. */
export const openApiInfo = {
  title: "Plugboard registry",
  version: "1.0.0",
  description:
    "Publish signed plugins, find them, fetch and verify them, and record what tenants install. Errors are RFC 9457 problems with a stable `code`.",
  securitySchemes: {
    host: {
      type: "http",
      scheme: "bearer",
      description: "The host token of a core that installs for its tenants.",
    },
    account: { type: "http", scheme: "bearer", description: "A token of somebody's account, `pba_…`." },
  },
  tags: [
    { name: "publishers", description: "Names, and the keys that sign under them." },
    { name: "accounts", description: "People who publish, and their tokens." },
    { name: "publishing", description: "Signed packages come in and are validated." },
    { name: "catalog", description: "What is published." },
    { name: "trust", description: "The keys that everything is verified with." },
    { name: "installs", description: "What each tenant has installed and agreed to. For hosts." },
    { name: "policies", description: "What tenants let themselves install, and approvals. For hosts." },
    { name: "hosts", description: "Who runs plugins, and the keys they sign with." },
    { name: "usage", description: "What was used, month by month." },
    { name: "operations", description: "Health and metrics." },
  ],
};
