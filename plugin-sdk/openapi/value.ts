/** A JSON object of the description. Read it with the functions here: they see own members alone. */
export type Fields = { readonly [name: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is an object; empty where it is not there, or something else. */
export function fieldsAt(of: unknown, name: string): Fields {
  const value = at(of, name);
  return isFields(value) ? value : {};
}

export function listAt(of: unknown, name: string): readonly unknown[] {
  const value = at(of, name);
  return Array.isArray(value) ? value : [];
}

export function textAt(of: unknown, name: string): string | undefined {
  const value = at(of, name);
  return typeof value === "string" ? value : undefined;
}

export function numberAt(of: unknown, name: string): number | undefined {
  const value = at(of, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function at(of: unknown, name: string): unknown {
  return isFields(of) && Object.hasOwn(of, name) ? of[name] : undefined;
}

export function textsAt(of: unknown, name: string): string[] {
  return listAt(of, name).filter((one) => typeof one === "string");
}
