import type { BillingProvider } from "./provider.ts";

/** No processor at all: the operator writes the invoices, and says which were paid. */
export const manualProvider: BillingProvider = {
  name: "manual",
  async createCheckout() {
    return {
      reference: null,
      url: null,
      instructions:
        "The operator of the registry sends an invoice, and confirms the purchase when it is paid.",
    };
  },
  async confirm() {
    return false;
  },
  async cancel() {},
  async refund() {},
};
