import { httpErrors } from "@plugboard/service-kit/http";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import type { UploadRoomLimits } from "./upload-room.ts";

/** How much one publisher may send in; scanning costs the registry more than sending costs them. */
export interface UploadLimits extends UploadRoomLimits {
  /** Packages accepted within an hour, whatever became of them. */
  perHour: number;
  /** Packages under way at once. */
  open: number;
  /** Looks at what was sent in before, within an hour, that its members ask for. */
  rescansPerHour: number;
  /** Ever, for all of them are in the index's record and on the page of their plugin. */
  versionsPerPlugin: number;
  pluginsPerPublisher: number;
  /** How long a package may take to arrive. */
  deadlineMs: number;
}

const mebibyte = 1024 * 1024;

/** Each process has room for eight of the largest packages, for three of one publisher. */
export const defaultUploadLimits: UploadLimits = {
  perHour: 300,
  open: 50,
  rescansPerHour: 20,
  versionsPerPlugin: 2_000,
  pluginsPerPublisher: 1_000,
  deadlineMs: 3 * 60_000,
  bytesAtOnce: 160 * mebibyte,
  bytesAtOncePerPublisher: 60 * mebibyte,
};

const hourMs = 60 * 60 * 1000;

/**
 * @param db a transaction that holds `lockUploads`, for an answer that is still true when the package is kept
 * @throws `rate-limited`, `too-many-releases`
 */
export async function refuseTooMany(
  db: RegistryDatabase,
  { publisher, plugin, limits, now }: { publisher: string; plugin: string; limits: UploadLimits; now: Date },
): Promise<void> {
  const kept = await queries.countKept(db, { publisher, plugin });
  if (kept.versions >= limits.versionsPerPlugin) {
    throw tooManyReleases(`${plugin} has ${limits.versionsPerPlugin} versions.`, "Go on under another name.");
  }
  if (kept.versions === 0 && kept.plugins >= limits.pluginsPerPublisher) {
    throw tooManyReleases(
      `The publisher "${publisher}" has ${limits.pluginsPerPublisher} plugins.`,
      "Register another.",
    );
  }
  const uploads = await queries.countUploads(db, publisher, new Date(now.getTime() - hourMs));
  if (uploads.recent >= limits.perHour) {
    throw tooMany(`The publisher "${publisher}" sent in ${limits.perHour} packages within an hour.`, 600);
  }
  if (uploads.open >= limits.open) {
    throw tooMany(
      `The publisher "${publisher}" has ${limits.open} publications under way. Wait for them to end.`,
      10,
    );
  }
}

function tooManyReleases(why: string, instead: string) {
  return registryError("too-many-releases", `${why} That is as many as there may be. ${instead}`);
}

function tooMany(detail: string, retryAfterSeconds: number) {
  return httpErrors.error(
    "rate-limited",
    detail,
    {},
    { headers: { "Retry-After": String(retryAfterSeconds) } },
  );
}
