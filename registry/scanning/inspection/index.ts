export { InspectionExhausted, inspect } from "./inspect.ts";
