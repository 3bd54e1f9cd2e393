import { day, email, type Field, flag, long, number, phone, pick, text, time, to, url } from "./field.ts";
import { type Row, type SObject, sobject } from "./sobject.ts";

const address = (prefix: string): Field[] => [
  text(`${prefix}Street`, 255),
  text(`${prefix}City`, 40),
  text(`${prefix}State`, 80),
  text(`${prefix}PostalCode`, 20),
  text(`${prefix}Country`, 80),
];

const industries = ["Agriculture", "Banking", "Education", "Energy", "Technology"];
const ratings = ["Hot", "Warm", "Cold"];
const sources = ["Web", "Phone Inquiry", "Partner Referral", "Other"];
const required = { isRequired: true };
const told = { isWritable: false };

const person = (row: Row) => {
  row.Name = [row.FirstName, row.LastName].filter((part) => part !== null).join(" ");
};

const account = sobject({
  name: "Account",
  keyPrefix: "001",
  fields: [
    text("Name", 255, required),
    text("AccountNumber", 40),
    pick("Type", ["Prospect", "Customer - Direct", "Other"]),
    pick("Industry", industries),
    pick("Rating", ratings),
    number("AnnualRevenue", "currency"),
    number("NumberOfEmployees", "int"),
    phone("Phone"),
    url("Website"),
    long("Description"),
    to("ParentId", "Account"),
    ...address("Billing"),
    ...address("Shipping"),
    text("Region__c", 80),
    text("ERP_Id__c", 40, { isExternalId: true, isUnique: true }),
  ],
});

const contact = sobject({
  name: "Contact",
  keyPrefix: "003",
  fields: [
    text("FirstName", 40),
    text("LastName", 80, required),
    text("Name", 121, told),
    pick("Salutation", ["Mr.", "Ms.", "Dr."]),
    to("AccountId", "Account"),
    text("Title", 128),
    text("Department", 80),
    email("Email"),
    phone("Phone"),
    phone("MobilePhone"),
    day("Birthdate"),
    pick("LeadSource", sources),
    long("Description"),
    to("ReportsToId", "Contact"),
    ...address("Mailing"),
  ],
  derive: person,
});

const lead = sobject({
  name: "Lead",
  keyPrefix: "00Q",
  fields: [
    text("FirstName", 40),
    text("LastName", 80, required),
    text("Name", 121, told),
    text("Company", 255, required),
    text("Title", 128),
    email("Email"),
    phone("Phone"),
    url("Website"),
    pick("Status", ["Open - Not Contacted", "Working - Contacted", "Closed - Converted"], {
      standard: "Open - Not Contacted",
    }),
    pick("Rating", ratings),
    pick("Industry", industries),
    pick("LeadSource", sources),
    number("AnnualRevenue", "currency"),
    number("NumberOfEmployees", "int"),
    long("Description"),
    ...address(""),
    flag("IsConverted", told),
    day("ConvertedDate", told),
    to("ConvertedAccountId", "Account", told),
    to("ConvertedContactId", "Contact", told),
    to("ConvertedOpportunityId", "Opportunity", told),
  ],
  derive: person,
});

const stages = ["Prospecting", "Qualification", "Negotiation/Review", "Closed Won", "Closed Lost"];

const opportunity = sobject({
  name: "Opportunity",
  labelPlural: "Opportunities",
  keyPrefix: "006",
  fields: [
    text("Name", 120, required),
    pick("StageName", stages, required),
    day("CloseDate", required),
    to("AccountId", "Account"),
    number("Amount", "currency"),
    number("Probability", "percent"),
    pick("Type", ["New Customer", "Existing Customer - Upgrade"]),
    pick("LeadSource", sources),
    text("NextStep"),
    long("Description"),
    flag("IsClosed", told),
    flag("IsWon", told),
  ],
  derive(row) {
    row.IsClosed = String(row.StageName).startsWith("Closed");
    row.IsWon = row.StageName === "Closed Won";
  },
});

const supportCase = sobject({
  name: "Case",
  keyPrefix: "500",
  fields: [
    text("CaseNumber", 30, told),
    text("Subject"),
    long("Description"),
    pick("Status", ["New", "Working", "Escalated", "Closed"], { standard: "New" }),
    pick("Priority", ["High", "Medium", "Low"], { standard: "Medium" }),
    pick("Origin", ["Email", "Phone", "Web"]),
    pick("Type", ["Mechanical", "Electrical", "Other"]),
    pick("Reason", ["Installation", "Performance", "Other"]),
    to("AccountId", "Account"),
    to("ContactId", "Contact"),
    to("ParentId", "Case"),
    text("SuppliedName", 80),
    email("SuppliedEmail"),
    flag("IsClosed", told),
    time("ClosedDate", told),
  ],
  derive(row, n) {
    row.CaseNumber ??= String(1_000 + n).padStart(8, "0");
    row.IsClosed = row.Status === "Closed";
    row.ClosedDate = row.IsClosed ? (row.ClosedDate ?? row.SystemModstamp) : null;
  },
});

const user = sobject({
  name: "User",
  keyPrefix: "005",
  isOwned: false,
  fields: [
    text("Username", 80, { isRequired: true, isUnique: true }),
    text("LastName", 80, required),
    text("FirstName", 40),
    text("Name", 121, told),
    email("Email"),
    flag("IsActive", { standard: true }),
  ],
  derive: person,
});

const invoice = sobject({
  name: "Invoice__c",
  label: "Invoice",
  keyPrefix: "a00",
  fields: [
    text("Name", 80, required),
    text("External_Id__c", 80, { isExternalId: true, isUnique: true }),
    to("Account__c", "Account"),
    number("Amount__c", "currency"),
    day("Due_Date__c"),
    time("Sent_At__c"),
    flag("Paid__c"),
  ],
});

/** What every org of the stand-in has: Salesforce's, and one of its own. */
export const objects: readonly SObject[] = [account, contact, lead, opportunity, supportCase, user, invoice];
