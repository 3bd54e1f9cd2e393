import { bundleFormat } from "@plugboard/plugin-sdk/bundle";
import { type Static, Type } from "typebox";
import { Signatures } from "../catalog/schemas.ts";
import { Revocations } from "../transparency/index.ts";

export const BundleHead = Type.Object({
  format: Type.Literal(bundleFormat),
  /** From root 1 to the newest. */
  roots: Type.Array(Type.Object({ signatures: Type.Array(Type.String(), { maxItems: 60 }) }), {
    minItems: 1,
    maxItems: 10_000,
  }),
  /** Compact JWS. */
  checkpoint: Type.String(),
  revocations: Revocations,
});
export type BundleHead = Static<typeof BundleHead>;

export const BundledRelease = Type.Object({
  plugin: Type.String(),
  version: Type.String(),
  signatures: Signatures,
  /** base64 */
  tarball: Type.String(),
});
export type BundledRelease = Static<typeof BundledRelease>;
