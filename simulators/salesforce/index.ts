export type { Fault } from "./http/faults.ts";
export type { RecordedRequest } from "./http/record.ts";
export type { ConnectedApp } from "./oauth/apps.ts";
export type { OutboundDelivery, OutboundRule } from "./outbound/messages.ts";
export {
  type SalesforceSimulator,
  type SalesforceSimulatorOptions,
  startSalesforceSimulator,
} from "./server.ts";
/** For those who put queries together, to see what becomes of them. */
export { parseSoql } from "./soql/index.ts";
