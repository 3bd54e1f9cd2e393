import type { RegistryDatabase } from "../../tables.ts";
import type { HostedAuthor } from "../author.ts";
import { countReviews, type ReviewCounts } from "./queries.ts";

export interface FloodSettings {
  floodWindowMinutes: number;
  floodFactor: number;
  perPlugin: number;
  perHost: number;
  perTenant: number;
  perNewcomers: number;
}

/** How far back "usual" reaches. */
const usualMs = 28 * 24 * 60 * 60 * 1000;

/**
 * Whether one more review of the plugin is more than there usually are: of all, of this host's tenants, of this tenant's
 * authors, or of tenants that have only just installed it. Whoever calls holds the plugin's reviews.
 *
 * @returns why it has to wait for moderation, to be read by a moderator; undefined if it need not
 */
export async function suspectFlood(
  transaction: RegistryDatabase,
  review: { plugin: string; author: HostedAuthor; isNewcomer: boolean; at: Date },
  settings: FloodSettings,
): Promise<string | undefined> {
  const { plugin, author, isNewcomer, at } = review;
  const windowMs = settings.floodWindowMinutes * 60_000;
  const windowFrom = new Date(at.getTime() - windowMs);
  const since = new Date(windowFrom.getTime() - usualMs);
  const found = await countReviews(transaction, plugin, { ...author, since, windowFrom });

  const windows = usualMs / windowMs;
  const isTooMany = ({ recent, before }: ReviewCounts, floor: number) =>
    recent + 1 > Math.max(floor, (settings.floodFactor * before) / windows);
  const signs: [what: string, counts: ReviewCounts, floor: number][] = [
    ["of this plugin", found, settings.perPlugin],
    ["of one host", { recent: found.host_recent, before: found.host_before }, settings.perHost],
    ["of one tenant", { recent: found.tenant_recent, before: found.tenant_before }, settings.perTenant],
  ];
  if (isNewcomer) {
    const counts = { recent: found.newcomers_recent, before: found.newcomers_before };
    signs.push(["of tenants that have just installed it", counts, settings.perNewcomers]);
  }
  const [sign] = signs.filter(([, counts, floor]) => isTooMany(counts, floor));
  if (!sign) return undefined;
  const [what, { recent }] = sign;
  return `Review ${recent + 1} ${what} within ${settings.floodWindowMinutes} minutes.`;
}
