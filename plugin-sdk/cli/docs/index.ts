export { listingPage } from "./listing-page.ts";
export { referencePage } from "./reference-page.ts";
