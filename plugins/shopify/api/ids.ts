import { NotFoundError } from "@plugboard/plugin-sdk";

/**
 * A record's global id out of a key, which may be the number that Shopify's admin shows as well.
 *
 * @throws NotFoundError for the id of something else, which the store cannot have as a `type`
 */
export function idOf(type: string, key: string): string {
  const prefix = `gid://shopify/${type}/`;
  if (/^\d+$/.test(key)) return prefix + key;
  if (key.startsWith(prefix)) return key;
  throw new NotFoundError(
    `${JSON.stringify(key)} is no id of this kind; expected ${prefix}… or the number in it.`,
  );
}
