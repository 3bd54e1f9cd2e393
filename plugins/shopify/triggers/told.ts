import { type Trigger, trigger } from "@plugboard/plugin-sdk";
import { topics } from "../webhooks/topics.ts";

/** A trigger for each kind of event that webhooks tell, such as `order-paid` for `order.paid`. */
export const toldTriggers: { [name: string]: Trigger } = Object.fromEntries(
  Object.values(topics).map(({ type, title, subject }) => [
    type.replaceAll(".", "-"),
    trigger({ title, kind: "webhook", events: [type], output: subject.schema }),
  ]),
);
