export { isNewer, leadsTo, UpdateChannel } from "./channel.ts";
