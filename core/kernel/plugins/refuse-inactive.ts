import { coreError } from "../../errors.ts";
import { notActive } from "./install.ts";
import type { Install } from "./installs.ts";
import type { CallConnection } from "./plugin-call.ts";

const whyInactive: Record<string, string> & { inactive: string } = {
  inactive: 'This connection is switched off; set its status to "active" first.',
  configuring: "This connection has no credential yet: give it one, or authorize it at the vendor.",
  testing: "This connection is being tried for the first time. Repeat the request in a moment.",
  error: "This connection does not work any more; its statusReason says why. Connect the account again.",
};

/** @throws `install-disabled`, `connection-inactive` */
export function refuseInactive(install: Install, connection: CallConnection): void {
  if (install.status !== "active") {
    throw notActive(install);
  }
  if (connection.status !== "active") {
    throw coreError("connection-inactive", whyInactive[connection.status] ?? whyInactive.inactive, {
      connectionStatus: connection.status,
    });
  }
}
