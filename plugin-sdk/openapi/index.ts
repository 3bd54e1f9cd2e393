export { DescriptionError, type DescriptionErrorCode } from "./description-error.ts";
export { type GeneratedPlugin, type GenerateOptions, generatePlugin } from "./generate-plugin.ts";
export { groupNotes, type Note } from "./notes.ts";
export { parseDescription } from "./parse-description.ts";
