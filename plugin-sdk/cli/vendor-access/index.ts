export { readCredential } from "./credential.ts";
export { readStandIns } from "./stand-ins.ts";
