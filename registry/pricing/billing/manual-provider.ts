import { registryError } from "../../errors.ts";
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
  // The operator reads the lines and writes the invoice.
  async reportUsage() {},
  async webhook() {
    const detail = "The operator of this registry takes the money; no provider has anything to say here.";
    throw registryError("webhook-refused", detail);
  },
};
