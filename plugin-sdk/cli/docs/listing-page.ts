import type { Manifest, Money } from "../../manifest/index.ts";
import { code, page, table } from "./markdown.ts";
import { permissionTable } from "./reference-page.ts";

/** What the plugin's page in a marketplace says of it, beside its README. */
export function listingPage(manifest: Manifest): string {
  const { displayName, description, permissions, contributes = {}, links = {} } = manifest;
  const offers = [
    ...Object.entries(contributes.actions ?? {}).map(([name, { title }]) => ["action", code(name), title]),
    ...Object.entries(contributes.triggers ?? {}).map(([name, { title }]) => ["trigger", code(name), title]),
    ...Object.entries(contributes.entities ?? {}).map(([name, { title }]) => ["entity", code(name), title]),
  ];
  return page(
    `# ${displayName}`,
    description,
    ...table(["", ""], factsOf(manifest)),
    ...(offers.length > 0 ? ["## What it does", ...table(["kind", "name", "what"], offers)] : []),
    "## What it asks for",
    ...(permissionTable(permissions).length > 0 ? permissionTable(permissions) : ["Nothing."]),
    ...(Object.keys(links).length > 0
      ? [
          "## Links",
          Object.entries(links)
            .map(([what, url]) => `- ${what}: <${url}>`)
            .join("\n"),
        ]
      : []),
  );
}

function factsOf({
  id,
  version,
  license,
  categories = [],
  keywords = [],
  pricing,
  engines,
}: Manifest): string[][] {
  return [
    ["id", code(id)],
    ["version", version],
    ["license", license],
    ["hosts", engines.plugboard],
    ["price", priceOf(pricing)],
    ...(categories.length > 0 ? [["categories", categories.join(", ")]] : []),
    ...(keywords.length > 0 ? [["keywords", keywords.join(", ")]] : []),
  ];
}

function priceOf(pricing: Manifest["pricing"]): string {
  if (!pricing || pricing.model === "free") return "free";
  if (pricing.model === "usage") return "by use";
  const amount = pricing.price ? moneyOf(pricing.price) : "as agreed";
  return pricing.model === "one-time"
    ? `${amount}, once`
    : `${amount} for each ${pricing.interval ?? "interval"}`;
}

function moneyOf({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
