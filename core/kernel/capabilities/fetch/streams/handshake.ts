import { type Handshake, readHandshake } from "@plugboard/plugin-sdk/exchange";
import { type RequestPath, requestPath } from "@plugboard/plugin-sdk/manifest";
import { asOurs } from "../refusals.ts";

/** What a plugin asked for, checked. */
export interface CheckedHandshake extends Handshake {
  path: RequestPath;
}

/** @throws CapabilityError `fetch-invalid-request` */
export function checkHandshake(...given: Parameters<typeof readHandshake>): CheckedHandshake {
  const handshake = asOurs(() => readHandshake(...given));
  return { ...handshake, path: requestPath(handshake.url.pathname) };
}
