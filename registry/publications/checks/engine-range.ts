import semver from "semver";
import type { Check } from "./check.ts";

/** The plugin interfaces that hosts of this registry offer. */
const hostVersions = ">=1.0.0 <2.0.0";

/** At least one host can run it. */
export const engineRange: Check = {
  name: "engine-range",
  async run({ content }) {
    const range = content.manifest.engines.plugboard;
    if (semver.validRange(range) !== null && semver.intersects(range, hostVersions)) return [];
    const message = `"${range}" leaves out every host there is (${hostVersions}).`;
    return [{ code: "engine-range", pointer: "/engines/plugboard", message }];
  },
};
