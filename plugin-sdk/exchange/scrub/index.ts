export { partsOf } from "./forms.ts";
export { createScrubber, type Scrubber } from "./scrub.ts";
export { createStreamScrubber, type StreamScrubber } from "./stream.ts";
