import { listingFiles as readListingFiles } from "@plugboard/plugin-sdk/inspection";
import { judged, type Scanner } from "../scanner.ts";

/** What its listing will show is what it says it is, and small enough. */
export const listingFiles: Scanner = {
  name: "listing-files",
  version: "2",
  deadlineMs: 20_000,
  scan: async ({ content }) => judged(readListingFiles(content.files, content.manifest.screenshots).problems),
};
