/** A path whose parts that vary are encoded: at`/plugins/${id}`. */
export function at(texts: TemplateStringsArray, ...parts: string[]): string {
  return texts.reduce((path, text, index) => path + encodeURIComponent(parts[index - 1] ?? "") + text);
}

/** `/plugins/publisher/name` */
export function pluginPath(plugin: string): string {
  const [publisher = "", name = ""] = plugin.split("/");
  return at`/plugins/${publisher}/${name}`;
}

/** `?a=1&b=2&b=3`; what is undefined is left out. */
export function toQuery(values: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    const several: unknown[] = Array.isArray(value) ? value : [value];
    for (const one of several) if (one !== undefined) query.append(name, String(one));
  }
  return query.size > 0 ? `?${query}` : "";
}

/** Which part of a list that comes in pages. */
export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}
