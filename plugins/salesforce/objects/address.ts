import { MaybeText } from "../api/shapes.ts";

/** The parts of an address, as in `billingCity`; without a prefix as in `city`. */
export function addressFields(prefix: "billing" | "shipping" | "mailing" | "other" | "") {
  const parts = ["Street", "City", "State", "PostalCode", "Country"];
  const named = (part: string) =>
    prefix === "" ? part.charAt(0).toLowerCase() + part.slice(1) : prefix + part;
  return Object.fromEntries(parts.map((part) => [named(part), MaybeText]));
}
