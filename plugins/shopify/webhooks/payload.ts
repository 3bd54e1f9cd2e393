import { InvalidInputError, type Json } from "@plugboard/plugin-sdk";

/** A delivery's body: what Shopify's REST API calls things, whose ids are numbers. */
export type Payload = { [field: string]: Json | undefined };

/** @throws InvalidInputError */
export function payloadOf(body: Json | undefined): Payload {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw new InvalidInputError("This is no webhook of Shopify's: its body is no JSON object.");
}

/** The global id of what has this number; null where there is none. */
export function gid(type: string, id: Json | undefined): string | null {
  if (typeof id === "string" && id.startsWith("gid://")) return id;
  return typeof id === "number" || typeof id === "string" ? `gid://shopify/${type}/${id}` : null;
}

/** The global id of what the delivery is about. @throws InvalidInputError */
export function subject(type: string, payload: Payload): string {
  const id = gid(type, payload.admin_graphql_api_id ?? payload.id);
  if (id === null) throw new InvalidInputError(`The delivery does not say which ${type} it is about.`);
  return id;
}

export const text = (value: Json | undefined): string | null =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : null;

export const count = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);

/** Statuses stand in capitals in the Admin GraphQL API, and so in this plugin's records. */
export const capitals = (value: Json | undefined): string | null =>
  typeof value === "string" ? value.toUpperCase() : null;

export const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export const within = (value: Json | undefined): Payload =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

/** Tags come as one text, parted by commas. */
export const tags = (value: Json | undefined): string[] =>
  (text(value) ?? "")
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
