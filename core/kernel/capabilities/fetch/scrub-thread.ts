import { createScrubber } from "@plugboard/plugin-sdk/exchange";
import Tinypool from "tinypool";

/** What a thread of the scrub pool does with one body. */
export default function scrubBody({ bytes, secrets }: { bytes: Uint8Array<ArrayBuffer>; secrets: string[] }) {
  const scrubbed = createScrubber(secrets).bytes(Buffer.from(bytes.buffer));
  // Nothing was taken out: the same memory goes back.
  const answer = scrubbed.buffer === bytes.buffer ? bytes : new Uint8Array(scrubbed);
  return Tinypool.move(answer);
}
