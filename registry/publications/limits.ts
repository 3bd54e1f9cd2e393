import { httpErrors } from "@plugboard/service-kit/http";
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
  /** How long a package may take to arrive. */
  deadlineMs: number;
}

const mebibyte = 1024 * 1024;

/** Each process has room for eight of the largest packages, for three of one publisher. */
export const defaultUploadLimits: UploadLimits = {
  perHour: 300,
  open: 50,
  rescansPerHour: 20,
  deadlineMs: 3 * 60_000,
  bytesAtOnce: 160 * mebibyte,
  bytesAtOncePerPublisher: 60 * mebibyte,
};

const hourMs = 60 * 60 * 1000;

/**
 * @param db a transaction that holds `lockUploads`, for an answer that is still true when the package is kept
 * @throws `rate-limited`
 */
export async function refuseTooMany(
  db: RegistryDatabase,
  { publisher, limits, now }: { publisher: string; limits: UploadLimits; now: Date },
): Promise<void> {
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

function tooMany(detail: string, retryAfterSeconds: number) {
  return httpErrors.error(
    "rate-limited",
    detail,
    {},
    { headers: { "Retry-After": String(retryAfterSeconds) } },
  );
}
