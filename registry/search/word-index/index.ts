export { createWordIndex, type PlacedWords, type WordIndex, type WordMatch } from "./word-index.ts";
