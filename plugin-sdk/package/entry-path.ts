import { packageLimits } from "./limits.ts";

const maxSegments = 20;
/** Names that are devices on Windows, with any extension. */
const windowsDevice = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
/** What has one meaning on every file system and in every tar program. */
const plainSegment = /^[A-Za-z0-9 !#$%&'()+,;=@[\]^_`{}~.-]+$/;

/**
 * Why a path inside a package is refused, as the end of a sentence about it; undefined if it is fine. Fine is a
 * relative path of ASCII segments that means the same file everywhere.
 */
export function refusePath(path: string): string | undefined {
  if (path.length > packageLimits.pathLength) return `is longer than ${packageLimits.pathLength} characters.`;
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is absolute.";
  if (path.includes("\\")) return "has a backslash.";
  const segments = path.split("/");
  if (segments.length > maxSegments) return `is nested deeper than ${maxSegments} levels.`;
  for (const segment of segments) {
    if (segment === "..") return "leaves the package.";
    if (segment === "" || segment === ".") return "has an empty segment.";
    if (segment.length > 100) return "has a name longer than 100 characters.";
    if (!plainSegment.test(segment))
      return 'has a character that is not allowed; expected ASCII without controls and :*?"<>|.';
    if (/^ |[ .]$/.test(segment)) return "has a name with a space or dot at an end.";
    if (windowsDevice.test(segment)) return "is a device on Windows.";
  }
  return fitsHeader(`package/${path}`) ? undefined : "is too long; use shorter names of folders.";
}

/** A header has 100 bytes for the end of a path and 155 for the folders before it. */
function fitsHeader(path: string): boolean {
  let nameAt = 0;
  while (path.length - nameAt > 100) nameAt = path.indexOf("/", nameAt) + 1;
  return nameAt - 1 <= 155;
}

/** Paths with the same key are one file where a file system ignores case. They are ASCII, so that is all to it. */
export function collisionKey(path: string): string {
  return path.toLowerCase();
}
