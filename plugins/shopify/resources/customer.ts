import { action, entity, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { get, list, write } from "../api/records.ts";
import { search } from "../api/search.ts";
import {
  Address,
  AddressInput,
  addressFields,
  Id,
  Key,
  MaybeText,
  Money,
  queryFilter,
  Tags,
  Text,
  Time,
} from "../api/shapes.ts";
import { mostWrites, writeMany } from "../api/write-many.ts";

const fields = `fragment Customer on Customer {
  id displayName firstName lastName state note tags locale taxExempt verifiedEmail numberOfOrders createdAt updatedAt
  defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber }
  amountSpent { amount currencyCode } defaultAddress { ${addressFields} }
}`;

export const documents = {
  list: `query ListCustomers($first: Int!, $after: String, $query: String, $sortKey: CustomerSortKeys) {
    records: customers(first: $first, after: $after, query: $query, sortKey: $sortKey) {
      nodes { ...Customer } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  get: `query GetCustomer($id: ID!) { record: customer(id: $id) { ...Customer } } ${fields}`,
  create: `mutation CreateCustomer($input: CustomerInput!) {
    written: customerCreate(input: $input) { record: customer { ...Customer } userErrors { field message } }
  } ${fields}`,
  update: `mutation UpdateCustomer($input: CustomerInput!) {
    written: customerUpdate(input: $input) { record: customer { ...Customer } userErrors { field message } }
  } ${fields}`,
  remove: `mutation DeleteCustomer($id: ID!) {
    written: customerDelete(input: { id: $id }) { record: deletedCustomerId userErrors { field message } }
  }`,
  addAddress: `mutation AddAddress($customerId: ID!, $address: MailingAddressInput!, $setAsDefault: Boolean) {
    written: customerAddressCreate(customerId: $customerId, address: $address, setAsDefault: $setAsDefault) {
      record: address { id ${addressFields} } userErrors { field message }
    }
  }`,
};

export const Customer = Type.Object({
  id: Id,
  displayName: Text,
  firstName: MaybeText,
  lastName: MaybeText,
  email: MaybeText,
  emailMarketingState: MaybeText,
  phone: MaybeText,
  state: Type.String({ description: "DECLINED, DISABLED, ENABLED or INVITED: whether there is an account" }),
  note: MaybeText,
  tags: Type.Array(Text),
  locale: Text,
  taxExempt: Type.Boolean(),
  verifiedEmail: Type.Boolean(),
  numberOfOrders: Text,
  amountSpent: Money,
  defaultAddress: Type.Nullable(Address),
  createdAt: Time,
  updatedAt: Time,
});
type Customer = Static<typeof Customer>;

const CustomerInput = Type.Object({
  firstName: Type.Optional(Type.String({ maxLength: 255 })),
  lastName: Type.Optional(Type.String({ maxLength: 255 })),
  email: Type.Optional(Type.String({ format: "email", maxLength: 255 })),
  phone: Type.Optional(Type.String({ maxLength: 64, description: "With the country, such as +4722225555" })),
  note: Type.Optional(Type.String({ maxLength: 5000 })),
  tags: Type.Optional(Tags),
  locale: Type.Optional(Type.String({ maxLength: 16 })),
  taxExempt: Type.Optional(Type.Boolean()),
});

/** A customer as Shopify nests it. */
export type CustomerNode = Omit<Customer, "email" | "emailMarketingState" | "phone"> & {
  defaultEmailAddress: { emailAddress: string; marketingState: string } | null;
  defaultPhoneNumber: { phoneNumber: string } | null;
};

export const toCustomer = ({ defaultEmailAddress, defaultPhoneNumber, ...rest }: CustomerNode): Customer => ({
  ...rest,
  email: defaultEmailAddress?.emailAddress ?? null,
  emailMarketingState: defaultEmailAddress?.marketingState ?? null,
  phone: defaultPhoneNumber?.phoneNumber ?? null,
});

/** Records that fit within what one query may cost. */
const mostCustomers = 150;

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Customer */
export const customer = entity({
  title: "Customer",
  schema: Customer,
  key: "id",
  updatedAt: "updatedAt",
  input: CustomerInput,
  filter: Type.Object({
    email: Type.Optional(Text),
    phone: Type.Optional(Text),
    tag: Type.Optional(Text),
    ...queryFilter,
  }),

  async list({ cursor, limit, filter, updatedSince, ...admin }) {
    const { query, ...terms } = filter;
    const { items, nextCursor } = await list<CustomerNode>(admin, documents.list, {
      cursor,
      limit,
      most: mostCustomers,
      sortKey: updatedSince ? "UPDATED_AT" : "ID",
      query: search({ terms, updatedSince, query }),
    });
    return { items: items.map(toCustomer), nextCursor };
  },

  get: async ({ key, ...admin }) =>
    toCustomer(await get<CustomerNode>(admin, documents.get, idOf("Customer", key))),

  create: async ({ record, ...admin }) =>
    toCustomer(await write<CustomerNode>(admin, documents.create, { input: record })),

  async update({ key, changes, ...admin }) {
    const input = { ...changes, id: idOf("Customer", key) };
    return toCustomer(await write<CustomerNode>(admin, documents.update, { input }));
  },

  async remove({ key, ...admin }) {
    await write(admin, documents.remove, { id: idOf("Customer", key) });
  },

  batch: {
    most: mostWrites,
    create: ({ writes, ...admin }) =>
      writeMany(admin, documents.create, writes, {
        variables: ({ record }) => ({ input: record }),
        keyOf: (_, { id }: CustomerNode) => id,
        read: toCustomer,
      }),
    update: ({ writes, ...admin }) =>
      writeMany(admin, documents.update, writes, {
        variables: ({ key, changes }) => ({ input: { ...changes, id: idOf("Customer", key) } }),
        keyOf: ({ key }) => key,
        read: toCustomer,
      }),
    remove: ({ writes, ...admin }) =>
      writeMany(admin, documents.remove, writes, {
        variables: ({ key }) => ({ id: idOf("Customer", key) }),
        keyOf: ({ key }) => key,
      }),
  },
});

export const addCustomerAddress = action({
  title: "Add an address to a customer",
  input: Type.Object({
    customerId: Key,
    address: AddressInput,
    isDefault: Type.Optional(Type.Boolean({ default: false })),
  }),
  output: Type.Object({ id: Id, ...Address.properties }),
  run({ input: { customerId, address, isDefault = false }, ...admin }) {
    return write(admin, documents.addAddress, {
      customerId: idOf("Customer", customerId),
      address,
      setAsDefault: isDefault,
    });
  },
});
