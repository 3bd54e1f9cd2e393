import type { Entity } from "@plugboard/plugin-sdk";
import { account } from "./account.ts";
import { supportCase } from "./case.ts";
import { contact } from "./contact.ts";
import { lead } from "./lead.ts";
import { opportunity } from "./opportunity.ts";

/** By the names of the entities. */
export const entities: { [name: string]: Entity } = {
  account,
  contact,
  lead,
  opportunity,
  case: supportCase,
};

/** The entities' names by those of Salesforce's objects. */
export const entityNames: { readonly [object: string]: string } = {
  Account: "account",
  Contact: "contact",
  Lead: "lead",
  Opportunity: "opportunity",
  Case: "case",
};
