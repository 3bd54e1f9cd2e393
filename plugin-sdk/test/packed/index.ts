export { installPackedSdk, packCommand, putNodeModules, putTarball, strangersEnv } from "./packed-sdk.ts";
