export { partsOf } from "./forms.ts";
export { createScrubber, type Scrubber } from "./scrub.ts";
