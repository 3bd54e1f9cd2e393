import { type Manifest, type Pricing, termsDigest } from "@plugboard/plugin-sdk/manifest";
import type { PublishedVersion } from "../catalog/index.ts";
import { registryError } from "../errors.ts";

/** What a version costs, and the digest that agrees to exactly that. */
export interface Terms {
  plugin: string;
  version: string;
  pricing: Pricing;
  terms: string;
}

function pricingOf({ pricing }: Pick<Manifest, "pricing">): Pricing {
  return pricing ?? { model: "free" };
}

export function termsOf({ plugin, version, manifest }: PublishedVersion): Terms {
  const pricing = pricingOf(manifest);
  return { plugin, version, pricing, terms: termsDigest({ id: plugin, pricing }) };
}

/** @throws `terms-required` unless the yes is to exactly these prices; they may have changed since they were shown */
export function requireTerms(offer: Terms, given: string | undefined): void {
  if (given === offer.terms) return;
  const detail =
    given === undefined
      ? `${offer.plugin} costs something; say yes to its prices first.`
      : `The prices of ${offer.plugin} are not those that were agreed to. Look at them again.`;
  throw registryError("terms-required", detail, { ...offer });
}
