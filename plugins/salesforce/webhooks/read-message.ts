import { InvalidInputError } from "@plugboard/plugin-sdk";
import { parseXml, type XmlElement } from "@rgrove/parse-xml";
import type { OutboundMessage } from "./message.ts";

export interface Notification {
  /** The same when a message comes again. */
  id: string;
  message: OutboundMessage;
}

/**
 * Reads an outbound message, which is SOAP: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_understanding.htm
 * The parser knows no document types, so nothing in a message expands or refers elsewhere.
 *
 * @returns up to 100 notifications
 * @throws InvalidInputError
 */
export function readMessage(xml: string): Notification[] {
  const envelope = parse(xml);
  const notifications = child(child(envelope, "Body"), "notifications");
  if (envelope === undefined || localName(envelope) !== "Envelope" || notifications === undefined)
    throw noMessage();
  const organizationId = textOf(child(notifications, "OrganizationId"));
  if (organizationId === null) throw noMessage();
  const actionId = textOf(child(notifications, "ActionId"));
  return elements(notifications)
    .filter((one) => localName(one) === "Notification")
    .map((one) => {
      const id = textOf(child(one, "Id"));
      const record = child(one, "sObject");
      if (id === null || record === undefined) throw noMessage();
      const { object, recordId, fields } = readRecord(record);
      return { id, message: { object, recordId, organizationId, actionId, fields } };
    });
}

function readRecord(record: XmlElement) {
  // `xsi:type="sf:Account"`
  const type =
    Object.entries(record.attributes).find(([name]) => name.split(":").at(-1) === "type")?.[1] ?? "";
  const fields: { [field: string]: string | null } = {};
  for (const field of elements(record)) fields[localName(field)] = textOf(field);
  const object = type.split(":").at(-1) ?? "";
  if (object === "") throw noMessage();
  return { object, recordId: fields.Id ?? null, fields };
}

function parse(xml: string): XmlElement | undefined {
  try {
    return parseXml(xml).root ?? undefined;
  } catch {
    throw noMessage();
  }
}

/** Prefixes of names are the sender's choice. */
const localName = (element: XmlElement): string => element.name.split(":").at(-1) ?? element.name;

const elements = (parent: XmlElement | undefined): XmlElement[] =>
  (parent?.children ?? []).filter((node): node is XmlElement => node.type === "element");

const child = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
  elements(parent).find((one) => localName(one) === name);

/** Null where it is not there, or `xsi:nil`. */
function textOf(element: XmlElement | undefined): string | null {
  if (element === undefined) return null;
  const isNil = Object.entries(element.attributes).some(
    ([name, value]) => name.split(":").at(-1) === "nil" && (value === "true" || value === "1"),
  );
  return isNil ? null : element.text;
}

function noMessage(): InvalidInputError {
  return new InvalidInputError("This is no outbound message of Salesforce's.");
}
