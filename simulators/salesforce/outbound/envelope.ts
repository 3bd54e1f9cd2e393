import { outward } from "../records/outward.ts";
import type { Row, SObject } from "../schema/sobject.ts";

export interface Notification {
  /** The same at every attempt. */
  id: string;
  object: SObject;
  fields: readonly string[];
  row: Row;
}

/** An outbound message: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_wsdl.htm */
export function envelopeOf(
  head: { organizationId: string; actionId: string; sessionId: string | null; instanceUrl: string },
  notifications: readonly Notification[],
): string {
  const { organizationId, actionId, sessionId, instanceUrl } = head;
  const url = (kind: string) => `${instanceUrl}/services/Soap/${kind}/66.0/${organizationId.slice(0, 15)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organizationId}</OrganizationId>
   <ActionId>${actionId}</ActionId>
   ${sessionId === null ? '<SessionId xsi:nil="true"/>' : `<SessionId>${escaped(sessionId)}</SessionId>`}
   <EnterpriseUrl>${escaped(url("c"))}</EnterpriseUrl>
   <PartnerUrl>${escaped(url("u"))}</PartnerUrl>
${notifications.map(notificationOf).join("\n")}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
}

function notificationOf({ id, object, fields, row }: Notification): string {
  // What is empty is left out.
  const written = ["Id", ...fields].flatMap((name) => {
    const field = object.field(name);
    const value = field ? outward(field, row[field.name] ?? null) : null;
    return field && value !== null
      ? [`     <sf:${field.name}>${escaped(String(value))}</sf:${field.name}>`]
      : [];
  });
  return `   <Notification>
    <Id>${id}</Id>
    <sObject xsi:type="sf:${object.name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${[...new Set(written)].join("\n")}
    </sObject>
   </Notification>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
