import { RegistryProblem } from "./errors.ts";

/** A path whose inserted parts cannot become further parts, or take some away. */
export function at(literals: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: literals }, ...parts.map(pathPart));
}

function pathPart(part: string): string {
  if (part !== "" && part !== "." && part !== "..") return encodeURIComponent(part);
  const detail = `"${part}" names nothing.`;
  throw new RegistryProblem({ code: "invalid-request", status: 422, detail, members: {} });
}

/** @param plugin `publisher/name` */
export function pluginPath(plugin: string): string {
  const [publisher = "", ...name] = plugin.split("/");
  return at`/plugins/${publisher}/${name.join("/")}`;
}

/** What is undefined is left out; a list becomes one parameter for each of its values. */
export function toQuery(query: object): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => [name, String(each)]),
  );
  const text = new URLSearchParams(given).toString();
  return text === "" ? "" : `?${text}`;
}
