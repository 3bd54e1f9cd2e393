export { type CodeFacts, InspectionExhausted, inspect, type SecretFound } from "./inspect.ts";
