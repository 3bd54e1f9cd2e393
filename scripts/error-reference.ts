import { coreErrorTable } from "../core/errors.ts";
import { capabilityErrors } from "../core/kernel/capabilities/index.ts";
import { registryErrorTable } from "../registry/errors.ts";
import type { ErrorTable } from "../service-kit/http/index.ts";

/** docs/errors.md, made from the tables that the code throws from. */
export function errorReference(): string {
  return `${[
    "# Errors",
    "<!-- Made by `npm run docs` from the error tables; a test keeps it equal to them. -->",
    "Every error of the HTTP API is an RFC 9457 problem (`application/problem+json`): `type`, `title`, `status`, `detail`, `instance`, and a `code` that does not change. `detail` says what was wrong this time, what was expected and what to do. Some codes carry more members, named below.",
    "## The host",
    table(coreErrorTable),
    "## The registry",
    table(registryErrorTable),
    "## Inside a plugin",
    "What a capability refuses with: an error that plugin code can catch, with this `code`. One that the plugin lets pass reaches the caller under a code of the host, with this one as `reason`.",
    [
      "| code | what it means |",
      "| --- | --- |",
      ...rows(Object.entries(capabilityErrors), (text) => [text]),
    ].join("\n"),
  ].join("\n\n")}\n`;
}

function table(errors: ErrorTable): string {
  const entries = Object.entries(errors).toSorted(([a], [b]) => a.localeCompare(b));
  return [
    "| code | status | what it means, and what to do |",
    "| --- | --- | --- |",
    ...rows(entries, ({ status, description }) => [String(status), description]),
  ].join("\n");
}

function rows<T>(entries: [code: string, value: T][], cells: (value: T) => string[]): string[] {
  return entries.map(([code, value]) => `| <a id="${code}"></a>\`${code}\` | ${cells(value).join(" | ")} |`);
}
