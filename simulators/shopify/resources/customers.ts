import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type Address, type AddressInput, toAddress } from "./address.ts";
import { refuseUnknown } from "./known.ts";
import { type ListArguments, type Listing, listed, numberIn } from "./list.ts";
import { now } from "./now.ts";
import { customerPayload } from "./rest.ts";
import { type UserError, userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Customer, the part that is kept. */
export interface Customer {
  id: string;
  firstName: string | null;
  lastName: string | null;
  state: string;
  note: string | null;
  tags: string[];
  locale: string;
  taxExempt: boolean;
  verifiedEmail: boolean;
  defaultEmailAddress: { emailAddress: string; marketingState: string } | null;
  defaultPhoneNumber: { phoneNumber: string } | null;
  defaultAddress: Address | null;
  createdAt: string;
  updatedAt: string;
}

interface CustomerInput {
  id?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
  phone?: string | null;
  note?: string | null;
  tags?: string[] | null;
  locale?: string | null;
  taxExempt?: boolean | null;
}

export const emailOf = ({ defaultEmailAddress }: Customer) => defaultEmailAddress?.emailAddress ?? null;
export const phoneOf = ({ defaultPhoneNumber }: Customer) => defaultPhoneNumber?.phoneNumber ?? null;
const nameOf = ({ firstName, lastName }: Customer) => [firstName, lastName].filter(Boolean).join(" ");

function changed(customer: Customer, input: CustomerInput, at: string): Customer {
  refuseUnknown("a customer", input, "id firstName lastName email phone note tags locale taxExempt");
  const { email, phone, id: _, ...rest } = input;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...customer,
    ...given,
    ...(email && {
      defaultEmailAddress: { emailAddress: email.toLowerCase(), marketingState: "NOT_SUBSCRIBED" },
    }),
    ...(phone && { defaultPhoneNumber: { phoneNumber: phone } }),
    updatedAt: at,
  };
}

function check({ tables }: Shop, customer: Customer): UserError[] {
  const others = [...tables.Customer.values()].filter(({ id }) => id !== customer.id);
  const [email, phone] = [emailOf(customer), phoneOf(customer)];
  if (!email && !phone && !nameOf(customer))
    return [userError(null, "A name, phone number, or email address must be present")];
  return [
    ...(email && !/^[^@\s]+@[^@\s]+$/.test(email) ? [userError(["email"], "Email is invalid")] : []),
    ...(email && others.some((one) => emailOf(one) === email)
      ? [userError(["email"], "Email has already been taken")]
      : []),
    ...(phone && !/^\+\d{6,15}$/.test(phone) ? [userError(["phone"], "Phone is invalid")] : []),
    ...(phone && others.some((one) => phoneOf(one) === phone)
      ? [userError(["phone"], "Phone has already been taken")]
      : []),
  ];
}

const ordersOf = ({ tables }: Shop, id: string) =>
  [...tables.Order.values()].filter(({ customerId }) => customerId === id);

const listing: Listing<Customer> = {
  fields: {
    email: emailOf,
    phone: phoneOf,
    tag: ({ tags }) => tags,
    state: ({ state }) => state,
    first_name: ({ firstName }) => firstName,
    last_name: ({ lastName }) => lastName,
  },
  text: (customer) => [nameOf(customer), emailOf(customer), phoneOf(customer)].join(" "),
  sortKeys: { NAME: (customer) => nameOf(customer).toLowerCase() },
};

const noCustomer = userError(["id"], "Customer does not exist");

export const customerResolvers: Resolvers = {
  QueryRoot: {
    customer: (_source, { id }: { id: string }, { shop }) => shop.tables.Customer.get(id) ?? null,
    customers: (_source, args: ListArguments, context) =>
      listed(context.shop.tables.Customer.values(), args, listing, context),
  },
  Customer: {
    displayName: (customer: Customer) => nameOf(customer) || (emailOf(customer) ?? phoneOf(customer)),
    legacyResourceId: ({ id }: Customer) => numberIn(id),
    numberOfOrders: ({ id }: Customer, _args, { shop }) => String(ordersOf(shop, id).length),
    amountSpent: ({ id }: Customer, _args, { shop }) => ({
      amount: ordersOf(shop, id)
        .reduce((sum, { totalPrice }) => sum + Number(totalPrice), 0)
        .toFixed(2),
      currencyCode: "EUR",
    }),
  },
  Mutation: {
    customerCreate(_source, { input }: { input: CustomerInput }, context) {
      const { shop } = context;
      const at = now(context);
      const blank: Customer = {
        id: shop.newId("Customer"),
        firstName: null,
        lastName: null,
        state: "DISABLED",
        note: null,
        tags: [],
        locale: "en",
        taxExempt: false,
        verifiedEmail: true,
        defaultEmailAddress: null,
        defaultPhoneNumber: null,
        defaultAddress: null,
        createdAt: at,
        updatedAt: at,
      };
      const customer = changed(blank, input, at);
      const userErrors = check(shop, customer);
      if (userErrors.length > 0) return { customer: null, userErrors };
      shop.tables.Customer.set(customer.id, customer);
      context.tell("customers/create", customerPayload(customer));
      return { customer, userErrors };
    },
    customerUpdate(_source, { input }: { input: CustomerInput }, context) {
      const { shop } = context;
      const current = shop.tables.Customer.get(input.id ?? "");
      if (!current) return { customer: null, userErrors: [noCustomer] };
      const customer = changed(current, input, now(context));
      const userErrors = check(shop, customer);
      if (userErrors.length > 0) return { customer: current, userErrors };
      shop.tables.Customer.set(customer.id, customer);
      context.tell("customers/update", customerPayload(customer));
      return { customer, userErrors };
    },
    customerDelete(_source, { input }: { input: { id: string } }, context) {
      const { shop } = context;
      const refused = !shop.tables.Customer.has(input.id)
        ? noCustomer
        : ordersOf(shop, input.id).length > 0 &&
          userError(["id"], "Customer can’t be deleted because they have associated orders");
      if (refused) return { deletedCustomerId: null, userErrors: [refused] };
      shop.tables.Customer.delete(input.id);
      context.tell("customers/delete", { id: Number(numberIn(input.id)) });
      return { deletedCustomerId: input.id, userErrors: [] };
    },
    customerAddressCreate(_source, args: AddressArguments, context) {
      const { shop } = context;
      const customer = shop.tables.Customer.get(args.customerId);
      if (!customer) return { address: null, userErrors: [{ ...noCustomer, field: ["customerId"] }] };
      const address = toAddress(shop.newId("MailingAddress"), args.address);
      if (args.setAsDefault || customer.defaultAddress === null)
        shop.tables.Customer.set(customer.id, {
          ...customer,
          defaultAddress: address,
          updatedAt: now(context),
        });
      return { address, userErrors: [] };
    },
  },
};

interface AddressArguments {
  customerId: string;
  address: AddressInput;
  setAsDefault?: boolean | null;
}
