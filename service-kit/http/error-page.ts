import type { ErrorTable } from "./errors.ts";
import { entityTag } from "./etag.ts";
import type { Route } from "./route.ts";

/** A public page with every code of the table: where the `type` of a problem document leads. */
export function errorPageRoute(path: string, errors: ErrorTable, title: string): Route {
  const body = Buffer.from(page(errors, title), "utf8");
  const headers = { "Content-Type": "text/html; charset=utf-8", ETag: entityTag(body) };
  return {
    method: "GET",
    path,
    operationId: "getErrorPage",
    summary: "What each error code means, and what to do",
    tags: ["documentation"],
    access: "public",
    responses: { 200: { description: "A page with an anchor for each code.", mediaType: "text/html" } },
    errors: [],
    handler: async () => ({ status: 200, body, headers }),
  };
}

function page(errors: ErrorTable, title: string): string {
  const entries = Object.entries(errors).toSorted(([a], [b]) => a.localeCompare(b));
  const sections = entries.map(
    ([code, { status, title: name, description }]) =>
      `<section id="${code}"><h2>${escapeHtml(name)}</h2><p><code>${code}</code>, status ${status}</p><p>${withCode(description)}</p></section>`,
  );
  const heading = `${escapeHtml(title)}: errors`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${heading}</title><main><h1>${heading}</h1>${sections.join("\n")}</main></html>\n`;
}

/** The descriptions are Markdown of the simplest kind: text with `code` in it. */
function withCode(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
