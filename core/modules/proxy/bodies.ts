import type { ServerResponse } from "node:http";
import type { UnreadBody } from "@plugboard/service-kit/http";
import { CapabilityError, type EgressBroker } from "../../kernel/capabilities/index.ts";
import { toVendorError } from "../../kernel/plugins/index.ts";

export type BodyHolder = Pick<EgressBroker, "hold">;

/** The bodies of one call, in the host's memory between the broker and the caller. */
export interface HeldBodies {
  /** @throws `plugin-busy` where there is no room for it, and what reading a body throws */
  read(body: UnreadBody | undefined): Promise<Buffer | null>;
  /** The broker counts it from here on. */
  handOver(sent: Buffer | null): Uint8Array<ArrayBuffer> | null;
  /** Counts the vendor's answer until the caller has taken it. */
  keep(answer: Uint8Array<ArrayBuffer>): Buffer;
}

/** Counts them with those of the plugin's own requests: whoever uploads or reads slowly has less room for the next. */
export function holdUntilSent(
  egress: BodyHolder,
  requester: Parameters<BodyHolder["hold"]>[0],
  response: ServerResponse,
): HeldBodies {
  const held = egress.hold(requester);
  response.once("close", held.release);
  return {
    async read(body) {
      try {
        const sent = await body?.read((bytes) => {
          if (!response.closed) held.grow(bytes);
        });
        return sent && sent.length > 0 ? sent : null;
      } catch (error) {
        held.release();
        throw error instanceof CapabilityError ? toVendorError(error) : error;
      }
    },
    handOver(sent) {
      held.release();
      return sent as Buffer<ArrayBuffer> | null;
    },
    keep(answer) {
      // Once that is so, nothing would release it.
      if (!response.closed) held.keep(answer.byteLength);
      return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
    },
  };
}
