import { InvalidInputError } from "@plugboard/plugin-sdk";

/** A cursor of this plugin's own making, of more than one part. @throws InvalidInputError */
export function readCursor<Place extends object>(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(cursor);
    if (typeof place === "object" && place !== null && !Array.isArray(place)) return place as Place;
  } catch {
    // Said below.
  }
  throw new InvalidInputError("The cursor is none that this plugin gave.", {
    details: { pointer: "/cursor" },
  });
}
