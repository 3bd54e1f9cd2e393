import { Type } from "@plugboard/plugin-sdk";
import * as customers from "../resources/customer.ts";
import * as orders from "../resources/order.ts";
import * as products from "../resources/product.ts";
import { watch } from "./polling.ts";

const ofOrders = {
  output: orders.Order,
  document: orders.documents.list,
  toItem: orders.toOrder,
} as const;
export const newOrder = watch({
  title: "New order",
  description: "An order was placed.",
  by: "createdAt",
  ...ofOrders,
});
export const updatedOrder = watch({
  title: "Changed order",
  description: "An order was placed or changed.",
  by: "updatedAt",
  ...ofOrders,
});

const ofCustomers = {
  output: customers.Customer,
  document: customers.documents.list,
  toItem: customers.toCustomer,
} as const;
export const newCustomer = watch({
  title: "New customer",
  description: "A customer was added.",
  by: "createdAt",
  ...ofCustomers,
});
export const updatedCustomer = watch({
  title: "Changed customer",
  description: "A customer was added or changed.",
  by: "updatedAt",
  ...ofCustomers,
});

/** Without the description, which may be longer than an event. */
const { descriptionHtml: _, ...told } = products.Product.properties;
const ofProducts = {
  output: Type.Object(told),
  document: products.documents.list,
  toItem: ({ descriptionHtml: _, ...product }: products.Product) => product,
} as const;
export const newProduct = watch({
  title: "New product",
  description: "A product was added.",
  by: "createdAt",
  ...ofProducts,
});
export const updatedProduct = watch({
  title: "Changed product",
  description: "A product was added or changed, also how many there are of it.",
  by: "updatedAt",
  ...ofProducts,
});
