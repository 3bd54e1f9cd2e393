export { type CheckedPlugin, checkPlugin } from "./check-plugin.ts";
