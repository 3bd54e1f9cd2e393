export { giveBackMemory } from "./give-back-memory.ts";
export { outliveRejections } from "./outlive-rejections.ts";
