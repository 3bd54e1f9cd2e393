import { pointerTo } from "../pointer.ts";
import type { Contributes, Meter, PriceTier, Pricing, Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

/** Which members a model may have besides its name. Without a price, the registry's operator agrees on one. */
const membersOf: Record<Pricing["model"], (keyof Pricing)[]> = {
  free: [],
  "one-time": ["price"],
  subscription: ["price", "interval", "trialDays"],
  usage: ["currency", "meters", "trialDays"],
};

const currencies = new Set(Intl.supportedValuesOf("currency"));

export const pricingRule = defineRule({
  needs: ["pricing", "contributes"],
  check({ pricing, contributes }) {
    if (!pricing) return [];
    const actions = contributes && meteredNames(contributes);
    return [
      ...foreignMembers(pricing),
      ...incomplete(pricing),
      ...unknownCurrencies(pricing),
      ...(pricing.meters ?? []).flatMap((meter, index) => checkMeter(meter, index, pricing, actions)),
    ];
  },
});

/** What a meter may count: actions, and operations of entities. */
function meteredNames({ actions = {}, entities = {} }: Contributes): string[] {
  const operations = Object.entries(entities).flatMap(([name, entity]) =>
    entity.operations.map((operation) => `${name}.${operation}`),
  );
  return [...Object.keys(actions), ...operations];
}

function foreignMembers(pricing: Pricing): Problem[] {
  const known = membersOf[pricing.model];
  return Object.keys(pricing)
    .filter((name) => name !== "model" && !known.includes(name as keyof Pricing))
    .map((name) =>
      problem(`/pricing/${name}`, `${name} does not go with the model "${pricing.model}"; remove it.`),
    );
}

function incomplete({ model, price, interval, currency, meters }: Pricing): Problem[] {
  if (model === "subscription" && Boolean(price) !== Boolean(interval)) {
    return [problem("/pricing", "A subscription has both price and interval, or neither.")];
  }
  if (model === "usage" && Boolean(currency) !== Boolean(meters)) {
    return [problem("/pricing", "Pricing by usage has both currency and meters, or neither.")];
  }
  return [];
}

function unknownCurrencies({ price, currency }: Pricing): Problem[] {
  const named: [string, string | undefined][] = [
    ["/pricing/price/currency", price?.currency],
    ["/pricing/currency", currency],
  ];
  return named.flatMap(([pointer, code]) =>
    code === undefined || currencies.has(code)
      ? []
      : [problem(pointer, `${code} is no currency of ISO 4217; expected one such as EUR.`)],
  );
}

function checkMeter(
  { name, tiers, actions = [] }: Meter,
  index: number,
  { meters = [] }: Pricing,
  known: string[] | undefined,
): Problem[] {
  const at = (...more: (string | number)[]) => pointerTo("pricing", "meters", index, ...more);
  const isSecond = meters.findIndex((other) => other.name === name) !== index;
  return [
    ...(isSecond ? [problem(at("name"), `There is another meter "${name}"; give each its own name.`)] : []),
    ...actions.flatMap((action, place) =>
      known === undefined || known.includes(action)
        ? []
        : [
            problem(
              at("actions", place),
              `The plugin contributes no action${action.includes(".") ? " or operation" : ""} "${action}".`,
            ),
          ],
    ),
    ...tiers.flatMap((tier, place) => checkTier(tier, place, tiers, at("tiers", place))),
  ];
}

function checkTier({ upTo }: PriceTier, place: number, tiers: PriceTier[], pointer: string): Problem[] {
  const isLast = place === tiers.length - 1;
  if (isLast && upTo !== undefined) {
    return [problem(pointer, "The last tier has no upTo: there is always a price for one more.")];
  }
  if (!isLast && upTo === undefined) {
    return [problem(pointer, "Every tier but the last needs an upTo.")];
  }
  const before = tiers[place - 1]?.upTo;
  if (upTo !== undefined && before !== undefined && upTo <= before) {
    return [problem(pointer, `upTo is ${upTo}; expected more than the ${before} of the tier before.`)];
  }
  return [];
}

function problem(pointer: string, message: string): Problem {
  return { code: "pricing-invalid", pointer, message };
}
