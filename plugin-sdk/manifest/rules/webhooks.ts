import { defineRule } from "./rule.ts";

/** A signature that does not cover the body verifies nothing. */
export const webhooksRule = defineRule({
  needs: ["webhooks"],
  check({ webhooks }) {
    if (webhooks?.signature.scheme !== "hmac" || webhooks.signature.template === undefined) return [];
    const { template } = webhooks.signature;
    const placeholders = template.match(/\{[^{}]*\}/g) ?? [];
    const braces = template.match(/[{}]/g)?.length ?? 0;
    const known = placeholders.every(
      (one) => one === "{body}" || /^\{header:[!#$%&'*+.^_`|~0-9A-Za-z-]+\}$/.test(one),
    );
    if (
      known &&
      placeholders.filter((one) => one === "{body}").length === 1 &&
      braces === placeholders.length * 2
    ) {
      return [];
    }
    return [
      {
        code: "webhook-template-invalid",
        pointer: "/webhooks/signature/template",
        message: `template is ${JSON.stringify(template)}; expected {body} once, and otherwise only text and {header:<name>}, such as {header:x-timestamp}.{body}.`,
      },
    ];
  },
});
