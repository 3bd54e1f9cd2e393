import { fullFormats } from "ajv-formats/dist/formats.js";
import { fileFormat, formatNames } from "./vocabulary.ts";

/**
 * Longer texts have none of the formats. Some of ajv-formats' expressions take quadratic time, which up to here is
 * nothing to speak of.
 */
const maxLength = 2_048;

/** What each format of {@link formatNames} accepts, for ajv's `formats`. */
export const formats = {
  ...Object.fromEntries(formatNames.map((name) => [name, bounded(fullFormats[name])])),
  [fileFormat]: (text: string) => /^fil_[0-9a-z]{1,60}$/.test(text),
};

function bounded(format: (typeof fullFormats)[keyof typeof fullFormats]): (text: string) => boolean {
  const test = format instanceof RegExp ? (text: string) => format.test(text) : validatorOf(format);
  return (text) => text.length <= maxLength && test(text);
}

function validatorOf(format: unknown): (text: string) => boolean {
  const validate: unknown =
    typeof format === "object" && format !== null && "validate" in format ? format.validate : format;
  if (typeof validate !== "function")
    throw new TypeError("ajv-formats has changed: a format has no validator.");
  return (text) => validate(text) === true;
}
