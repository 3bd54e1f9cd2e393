export { hasMixedScripts, likeness, looksLike } from "./likeness.ts";
