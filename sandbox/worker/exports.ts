/** Reads what definePlugin returned. */

export const definition = (exports: unknown): unknown => member(exports, "default") ?? exports;

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

export const member = (value: unknown, key: string): unknown =>
  isObject(value) ? (value as Record<string, unknown>)[key] : undefined;

export const ownMember = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
