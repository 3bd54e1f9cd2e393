import { listingFiles as readListingFiles } from "../../catalog/index.ts";
import type { Check } from "./check.ts";

/** What its listing will show is what it says it is, and small enough. */
export const listingFiles: Check = {
  name: "listing-files",
  run: async ({ content }) => readListingFiles(content.files).problems,
};
