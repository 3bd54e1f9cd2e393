import semver from "semver";
import { judged, type Scanner } from "../scanner.ts";

/** The plugin interfaces that hosts of this registry offer. */
const hostVersions = ">=1.0.0 <2.0.0";

/** At least one host can run it. */
export const engineRange: Scanner = {
  name: "engine-range",
  version: "1",
  deadlineMs: 5_000,
  async scan({ content }) {
    const range = content.manifest.engines.plugboard;
    if (semver.validRange(range) !== null && semver.intersects(range, hostVersions)) return judged([]);
    const message = `"${range}" leaves out every host there is (${hostVersions}). Name a range that takes one of them in, such as "^1.0.0".`;
    return judged([{ code: "engine-range", pointer: "/engines/plugboard", message }]);
  },
};
